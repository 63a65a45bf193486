// What the website shows. A real one keeps it in its database.
const listings = new Map();

export async function apply(ready) {
  const { feed, listingKey, listingUid, announcement, complete } = ready;
  if (listings.get(listingUid)?.announcement >= announcement) {
    console.log(`${feed} ${listingKey} #${announcement}: not higher than what is shown`);
    return;
  }
  const photos = ready.photos.map((photo) => ({
    caption: photo.caption,
    urls: Object.fromEntries(photo.renditions.map((rendition) => [rendition.name, url(rendition.key)])),
  }));
  listings.set(listingUid, { announcement, complete, photos });
  console.log(`${feed} ${listingKey} #${announcement}: ${complete ? 'all' : 'not all'} photos`, JSON.stringify(photos));
}

export async function remove({ feed, listingKey, listingUid, scope, keys }) {
  const listing = listings.get(listingUid) ?? { announcement: 0, complete: true, photos: [] };
  const gone = new Set(keys.map(url)); // Tell the CDN to forget them, too.
  const kept = listing.photos.filter((photo) => !Object.values(photo.urls).some((shown) => gone.has(shown)));
  listings.set(listingUid, { ...listing, photos: scope === 'Listing' ? [] : kept });
  console.log(`${feed} ${listingKey}: ${keys.length} objects removed`);
}

// A key may have a % in it, which is part of the object's name.
function url(key) {
  return [process.env.PHOTOS_URL, ...key.split('/').map(encodeURIComponent)].join('/');
}

import amqp from 'amqplib';

const [feed, listingKey, changedAt, ...urls] = process.argv.slice(2);
const photos = urls.map((url, i) => ({ url, key: `${listingKey}-${i + 1}`, caption: `Photo ${i + 1}` }));
const submission = { feed, listingKey, changedAt, photos };

const connection = await amqp.connect(process.env.AMQP_URL);
connection.on('blocked', (why) => console.error(`The broker takes no messages now: ${why}`));
const channel = await connection.createConfirmChannel();
await channel.checkQueue('listing-photos-submitted');
channel.sendToQueue('listing-photos-submitted', Buffer.from(JSON.stringify(submission)), {
  contentType: 'application/json',
  persistent: true,
});
await channel.waitForConfirms();
await connection.close();

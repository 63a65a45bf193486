namespace ImagePipeline.SampleMls.Listings;

/// <summary>How many photos each listing has.</summary>
static class PhotoCounts
{
    const int AtMost = SampleMlsOptions.PhotosAtMost;

    /// <summary>One number per listing. Without a fixed number per listing their sum is exactly what is asked for.</summary>
    public static int[] Draw(SampleMlsOptions options)
    {
        if (options.PhotosPerListing is { } each) return [.. Enumerable.Repeat(each, options.Listings)];

        var counts = new int[options.Listings];
        var total = options.TotalPhotos ?? (int)Math.Round(options.MeanPhotosPerListing * options.Listings);
        var dice = new Dice(options.Seed, "photos per listing");
        var special = new Queue<int>(Enumerable.Range(0, counts.Length).OrderBy(_ => dice.Unit()));
        var many = counts.Length >= 20;
        for (var i = many && total >= 10 * counts.Length ? Math.Max(1, counts.Length / 40) : 0; i > 0; i--) counts[special.Dequeue()] = AtMost;

        var rest = total - counts.Sum();
        for (var i = many ? Math.Max(1, counts.Length / 25) : 0; i > 0 && rest <= (special.Count - 1) * AtMost; i--) special.Dequeue();
        Share(counts, [.. special], rest, dice);
        return counts;
    }

    // Log-normal weights: most listings near the mean, a few with several times as many.
    static void Share(int[] counts, int[] among, int photos, Dice dice)
    {
        var weights = Array.ConvertAll(among, _ => Math.Exp(0.5 * dice.Normal()));
        var sum = weights.Sum();
        for (var i = 0; i < among.Length; i++) counts[among[i]] = Math.Min(AtMost, (int)(photos * weights[i] / sum));

        photos -= among.Sum(i => counts[i]);
        while (photos > 0)
        {
            foreach (var i in among.Where(i => counts[i] < AtMost).Take(photos).ToArray())
            {
                counts[i]++;
                photos--;
            }
        }
    }
}

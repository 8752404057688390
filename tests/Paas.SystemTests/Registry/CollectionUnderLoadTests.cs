using System.Collections.Concurrent;
using System.Globalization;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Garbage collection while everybody pushes and pulls.</summary>
[Collection(CollectingPlatform.Name)]
public sealed class CollectionUnderLoadTests(CollectingPlatform collecting)
{
    private const int Clients = 32;
    private const int Images = 20;

    /// <summary>Long enough for what loses its name in the first seconds to be taken while the same layers are pushed anew.</summary>
    private static readonly TimeSpan Length = 3 * CollectingPlatform.Grace;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thirty_two_clients_push_and_pull_images_with_shared_layers_and_miss_nothing()
    {
        collecting.Platform.SkipIfMissing();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        end.CancelAfter(Length);
        var (faults, pushes, pulls) = (new ConcurrentBag<string>(), 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => WorkAsync(number), Cancelled)));

        Assert.Empty(faults.Take(5));
        using var last = new PushingClient(collecting.Platform);
        var there = 0;
        for (var image = 0; image < Images; image++)
        {
            there += await last.PullAsync($"load/image{image}", "latest") is null ? 0 : 1;
        }

        var collected = new CollectionJournal(new Database(collecting.Platform.Home.DatabaseFile), TimeProvider.System).List(1000);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"figure registry.gc.load {pushes} pushes, {pulls} pulls, {collected.Sum(run => run.Count)} things collected in {collected.Count} runs, {there} of {Images} images there"));
        Assert.True(there > 0);
        Assert.Contains(collected, run => run.Bytes > 0);

        async Task WorkAsync(int number)
        {
            using var client = new PushingClient(collecting.Platform);
            var random = new Random(number);
            while (!end.IsCancellationRequested)
            {
                var image = random.Next(Images);
                try
                {
                    if (random.Next(3) == 0)
                    {
                        // Four of forty layers: what one variant drops another one has, or will have again. The config is nobody else's.
                        var variant = random.Next(6);
                        await client.PushAsync($"load/image{image}", "latest", [.. Enumerable.Range(0, 4).Select(layer => ((image * 3) + (variant * 5) + (layer * 7)) % 40)], $"{number} {Interlocked.Increment(ref pushes)}");
                    }
                    else
                    {
                        await client.PullAsync($"load/image{image}", "latest");
                        Interlocked.Increment(ref pulls);
                    }
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    faults.Add(error.Message);
                }
            }
        }
    }
}

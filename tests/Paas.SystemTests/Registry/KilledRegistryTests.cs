using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Control is killed at random moments while images are pushed, a large blob is uploaded in chunks, tags are deleted and garbage is
/// collected all the time.</summary>
[Collection(CollectingPlatform.Name)]
public sealed class KilledRegistryTests(CollectingPlatform collecting)
{
    private static readonly int Kills = LongTests.AreWanted ? 50 : 5;

    private readonly ConcurrentDictionary<(string Repository, string Tag), Expected> _expected = [];
    private int _kills;

    private Platform Platform => collecting.Platform;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_blob_is_corrupt_no_acknowledged_manifest_is_lost_and_uploads_go_on()
    {
        Platform.SkipIfMissing();
        var random = new Random();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var pushers = Enumerable.Range(0, 3).Select(number => Task.Run(() => PushAsync(number, end.Token), Cancelled)).ToList();
        using var client = new PushingClient(Platform);
        for (var kill = 0; kill < Kills; kill++)
        {
            await UploadOverAKillAsync(client, kill, random.Next(50, 1500));
            if (kill % 5 == 4)
            {
                await CheckAsync(client);
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(pushers);
        await CheckAsync(client);
        Assert.True(_expected.Count > 3);
        var whole = await RehashAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure registry.kills {Kills} kills, {_expected.Count} tags, {whole} blobs whole"));
    }

    /// <summary>What has arrived before the kill is still there after it, and the rest makes the blob whole.</summary>
    private async Task UploadOverAKillAsync(PushingClient client, int number, int milliseconds)
    {
        var content = new byte[6_000_000];
        new Random(number).NextBytes(content);
        await ReadyAsync();
        var upload = await client.StartUploadAsync("killed/upload");
        var acknowledged = 0;
        var sending = Task.Run(
            async () =>
            {
                while (acknowledged < content.Length - 1_000_000)
                {
                    await client.AppendAsync(upload, content.AsMemory(acknowledged, 250_000));
                    acknowledged += 250_000;
                    await Task.Delay(30, Cancelled);
                }
            },
            Cancelled);
        await Task.Delay(milliseconds, Cancelled);
        await KillAsync();
        try
        {
            await sending;
        }
        catch (HttpRequestException)
        {
            // Cut off.
        }

        await ReadyAsync();
        var arrived = await client.ArrivedAsync(upload);
        Assert.InRange(arrived, acknowledged, content.Length);
        await client.AppendAsync(upload, content.AsMemory(arrived));
        await client.FinishAsync(upload, content);
    }

    private async Task PushAsync(int number, CancellationToken end)
    {
        using var client = new PushingClient(Platform);
        var (random, pushed) = (new Random(number), 0);
        while (!end.IsCancellationRequested)
        {
            var key = ($"killed/image{number}", $"t{random.Next(4)}");
            try
            {
                if (random.Next(5) == 0 && _expected.TryGetValue(key, out var there) && there is { Acknowledged: not null, MayBeGone: false, IsUncertain: false })
                {
                    _expected[key] = there with { MayBeGone = true };
                    await DeleteAsync(client, key.Item1, key.Item2);
                    _expected[key] = new Expected(null, null, MayBeGone: true);
                }
                else
                {
                    var layers = Enumerable.Range(0, 3).Select(_ => random.Next(30)).ToList();
                    var about = $"{number} {pushed++}";
                    _expected.AddOrUpdate(key, _ => new Expected(null, about, MayBeGone: true), (_, before) => before with { Maybe = about });
                    var digest = await client.PushAsync(key.Item1, key.Item2, layers, about);
                    _expected[key] = new Expected(digest, null, MayBeGone: false);
                }
            }
            catch (HttpRequestException error) when (error.StatusCode is null or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                // Control was killed under it: what was under way may or may not be there.
                if (_expected.TryGetValue(key, out var uncertain))
                {
                    _expected[key] = uncertain with { IsUncertain = true };
                }

                await Task.Delay(200, CancellationToken.None);
            }
            catch (HttpRequestException error)
            {
                Assert.Fail($"{error.Message}\n{Platform.Logs()}");
            }
        }
    }

    private async Task DeleteAsync(PushingClient client, string repository, string tag)
    {
        var before = Volatile.Read(ref _kills);
        try
        {
            await client.DeleteAsync(repository, tag);
        }
        catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound && Volatile.Read(ref _kills) > before)
        {
            // Control was killed between the deed and its answer. A DELETE may be sent again (RFC 9110, 9.2.2), and .NET's client in the edge
            // does so when a connection ends before the answer begins: the second one found nothing.
        }
    }

    /// <summary>Every blob has its digest, and every tag that a client was told of can be pulled whole.</summary>
    private async Task CheckAsync(PushingClient client)
    {
        await ReadyAsync();
        Assert.True(await RehashAsync() > 0);
        foreach (var (key, _) in _expected.ToList())
        {
            var before = _expected[key];
            var found = await client.PullAsync(key.Repository, key.Tag);
            // A pusher may have been at it meanwhile; then the next check looks again.
            if (_expected[key] == before && before is { Maybe: null, MayBeGone: false, IsUncertain: false })
            {
                Assert.Equal(before.Acknowledged, found);
            }
            else if (_expected[key] == before && before is { MayBeGone: false })
            {
                Assert.NotNull(found);
            }
        }
    }

    /// <returns>How many blobs there are.</returns>
    private async Task<int> RehashAsync()
    {
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Platform.Home.Blobs, "sha256"), "*", SearchOption.AllDirectories))
        {
            try
            {
                await using var file = File.OpenRead(path);
                Assert.Equal(Path.GetFileName(path), Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Cancelled)));
                count++;
            }
            catch (FileNotFoundException)
            {
                // Collected meanwhile.
            }
        }

        return count;
    }

    private async Task KillAsync()
    {
        Interlocked.Increment(ref _kills);
        (await Command.RunAsync("kill", ["-KILL", Platform.PidOf("control").ToString(CultureInfo.InvariantCulture)], Cancelled)).Succeeded();
    }

    private Task ReadyAsync() => Platform.ReadyAsync(Cancelled);

    /// <param name="Acknowledged">Digest that a client was told is there; null: none.</param>
    /// <param name="Maybe">A push under way.</param>
    /// <param name="MayBeGone">A delete under way, or done.</param>
    /// <param name="IsUncertain">A push or a delete was cut off.</param>
    private sealed record Expected(string? Acknowledged, string? Maybe, bool MayBeGone, bool IsUncertain = false);
}

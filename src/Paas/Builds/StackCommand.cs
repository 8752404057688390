using System.Diagnostics;
using System.Globalization;
using Paas.Engine.Native.Disk;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>`paasd stack [--refresh]`: makes the base images and fetches the packages of builds unless the cache has them. Root's step of quickstart and installer.</summary>
public static class StackCommand
{
    /// <returns>Exit code: 0 made or there; 1 failed, with what to do on stderr; 2 wrong use.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args is not ([] or ["--refresh"]))
        {
            await Console.Error.WriteLineAsync("Use: paasd stack [--refresh]. It makes the base images of builds and fetches Node and npm for them; --refresh does it again with today's packages.");
            return 2;
        }

        var cache = Environment.GetEnvironmentVariable("PAAS_CACHE") is { Length: > 0 } set ? set : PlatformHome.DefaultCache;
        return await RunAsync(new StackCache(cache), new BuildsOptions().Buildpacks, HostSettings.Read(), args is ["--refresh"], Console.Out.WriteLine, Console.Error.WriteLine, cancellationToken);
    }

    internal static async Task<int> RunAsync(
        StackCache cache, string buildpacks, HostSettings host, bool refresh, Action<string> say, Action<string> complain, CancellationToken cancellationToken)
    {
        try
        {
            var recipes = StackRecipes.Read(buildpacks);
            var packages = new StackPackages(new PackageCache(cache.Packages), host, say);
            if (!refresh && packages.AreThere && cache.Find(recipes) is { } found)
            {
                say(There(found));
                await packages.EnsureAsync(refresh: false, cancellationToken);
                return 0;
            }

            if (Environment.UserName != "root")
            {
                complain("The base images are made by root. Run it again with sudo.");
                return 1;
            }

            using var turn = await StackLock.TakeAsync(cache.Root, say, cancellationToken);
            if (!refresh && cache.Find(recipes) is { } made)
            {
                say(There(made));
            }
            else
            {
                await new StackMaker(cache, recipes, say).MakeAsync(cancellationToken);
            }

            await packages.EnsureAsync(refresh, cancellationToken);
            return 0;
        }
        catch (HostProgramException e)
        {
            complain(Sentence(e));
            return 1;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            complain($"The base images cannot be made: {e.Message}");
            return 1;
        }
    }

    private static string There(Stack stack) => $"Base images are there: run {stack.Run.Short}, build {stack.Build.Short}.";

    /// <summary>What went wrong and what to do, with the program's own last lines above it.</summary>
    internal static string Sentence(HostProgramException failure, string what = "The base images cannot be made")
    {
        var lines = string.Join('\n', failure.LastLines);
        var advice = failure switch
        {
            { ExitCode: 127 } => $"{failure.Program} is not installed: run 'apt-get install {failure.Program} debian-archive-keyring' and try again.",
            _ when lines.Contains("No space left", StringComparison.Ordinal) => "The disk is full: free 3 GB and try again.",
            _ when lines.Contains("NO_PUBKEY", StringComparison.Ordinal) || lines.Contains("is not signed", StringComparison.Ordinal)
                || lines.Contains("keyring", StringComparison.Ordinal) =>
                "Debian's keys on this machine are missing or too old: run 'apt-get update && apt-get install debian-archive-keyring' and try again.",
            _ when lines.Contains("Could not resolve", StringComparison.Ordinal) || lines.Contains("Failed to fetch", StringComparison.Ordinal)
                || lines.Contains("Cannot initiate", StringComparison.Ordinal) || lines.Contains("apt-get update", StringComparison.Ordinal) =>
                "A Debian mirror could not be reached. The base images use the mirrors and the proxy of this machine's own apt configuration: see that 'apt-get update' works and try again.",
            _ when lines.Contains("unreachable", StringComparison.Ordinal) || failure is { Program: "apt-get", ExitCode: 100 } =>
                "Debian's package lists could not be had. See the lines above and that 'apt-get update' works, and try again.",
            _ => "See the lines above, and try again: finished downloads are kept.",
        };
        return $"{lines}\n{what} ({failure.Program} ended with exit code {failure.ExitCode}). {advice}";
    }
}

/// <summary>Makes both images side by side.</summary>
internal sealed class StackMaker(StackCache cache, StackRecipes recipes, Action<string> say)
{
    /// <returns>What is the newest now.</returns>
    public async Task<StackEntry> MakeAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        say("Making the base images from Debian packages (once per machine, 1 to 3 minutes) ...");
        var blobs = new BlobStore(cache.Blobs);
        var snapshots = new Snapshots(cache.Snapshots);
        var import = new StackImage(blobs, snapshots, new Images(blobs, snapshots));
        var work = Directory.CreateDirectory(Path.Combine(cache.Root, "work"));
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var dump = await HostProgram.OutputAsync("apt-config", ["dump"], new Dictionary<string, string>(), cancellationToken);
            var build = PackagesAsync(recipes.Build, dump, work.FullName, stop);
            var run = PackagesAsync(recipes.Run, dump, work.FullName, stop);
            await Task.WhenAll(run, build);
            var (runImage, runStatus) = await ImportAsync(recipes.Run, run.Result, null, import, work.FullName, cancellationToken);
            var (buildImage, buildStatus) = await ImportAsync(recipes.Build, build.Result, runStatus, import, work.FullName, cancellationToken);
            var packages = new Dictionary<string, SortedDictionary<string, string>>
            {
                [recipes.Run.Id] = StackImage.Packages(runStatus),
                [recipes.Build.Id] = StackImage.Packages(buildStatus),
            };
            var entry = new StackEntry(recipes.Hash, runImage.Digest.ToString(), buildImage.Digest.ToString(), packages, TimeProvider.System.GetUtcNow());
            cache.Add(entry);
            foreach (var (id, installed) in packages)
            {
                RemoveOldPackages(Path.Combine(cache.Apt, id, "archives"), installed);
            }

            await new StackLeftovers(cache).RemoveAsync(entry.Made, cancellationToken);
            say($"Base images are made: run {runImage.Digest.Short}, build {buildImage.Digest.Short} ({Seconds(watch)}).");
            return entry;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>The tar of one image's packages; when it fails the other one is stopped as well.</summary>
    private async Task<AptSources> PackagesAsync(StackRecipe recipe, string dump, string work, CancellationTokenSource stop)
    {
        var watch = Stopwatch.StartNew();
        var apt = AptSources.Read("/", dump, recipe.Suite, recipe.Components);
        try
        {
            await Mmdebstrap.RunAsync(recipe, apt, Path.Combine(cache.Apt, recipe.Id), Path.Combine(work, recipe.Id + ".tar"), stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await stop.CancelAsync();
            throw;
        }

        say($"  {recipe.Id} image: packages installed ({Seconds(watch)})");
        return apt;
    }

    private async Task<(Image Image, byte[] Status)> ImportAsync(
        StackRecipe recipe, AptSources apt, byte[]? runStatus, StackImage import, string work, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var packages = Path.Combine(work, recipe.Id + ".tar");
        var layer = Path.Combine(work, recipe.Id + ".layer.tar");
        // The run image has no apt: it needs no mirror, and without one it is the same on every machine.
        var tar = new BaseTar(recipe, runStatus is null ? [] : apt.PublicLines(), runStatus);
        await using (var input = File.OpenRead(packages))
        await using (var output = File.Create(layer))
        {
            await tar.RewriteAsync(input, output, cancellationToken);
        }

        File.Delete(packages);
        var image = await import.ImportAsync(recipe, layer, cancellationToken);
        File.Delete(layer);
        say($"  {recipe.Id} image: stored and unpacked ({Seconds(watch)})");
        return (image, tar.Status);
    }

    /// <summary>Keeps the packages of the newest images only; apt names the files &lt;name&gt;_&lt;version&gt;_&lt;architecture&gt;.deb.</summary>
    private static void RemoveOldPackages(string archives, SortedDictionary<string, string> installed)
    {
        foreach (var file in Directory.GetFiles(archives))
        {
            var current = Path.GetFileName(file).Split('_') is [var name, var version, _]
                && installed.GetValueOrDefault(name) == version.Replace("%3a", ":", StringComparison.OrdinalIgnoreCase);
            if (!current)
            {
                File.Delete(file);
            }
        }
    }

    private static string Seconds(Stopwatch watch) => watch.Elapsed.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture);
}

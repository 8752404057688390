using Paas.Engine.Native.Disk;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>The base images as an operator looks after them: what they hold, what would be newer today, and making them anew.</summary>
public sealed class BaseImages(BuildsOptions options, StackCache cache, Images images)
{
    /// <summary>Where dpkg keeps what is installed (dpkg(1), "FILES").</summary>
    private const string Status = "var/lib/dpkg/status";

    /// <summary>Those that builds use from now; null: not made yet.</summary>
    public MadeImages? Newest() => Recipes() is var recipes && cache.Newest(recipes) is { } entry ? Made(recipes, entry) : null;

    /// <summary>What was made with this run image; null: nobody knows it any more.</summary>
    public MadeImages? Of(Digest runImage) => cache.OfRunImage(runImage.ToString()) is { } entry ? Made(Recipes(), entry) : null;

    /// <summary>Asks Debian's mirrors what would be newer. Takes seconds.</summary>
    /// <returns>Null: there are no images of today's recipes to compare with.</returns>
    /// <exception cref="UserError">stack_unknown: a mirror cannot be reached.</exception>
    public async Task<IReadOnlyList<PackageChange>?> ForecastAsync(CancellationToken cancellationToken)
    {
        var recipes = Recipes();
        if (cache.Newest(recipes) is not { } entry)
        {
            return null;
        }

        var status = new Dictionary<string, string>
        {
            [recipes.Run.Id] = await StatusFileAsync(entry.Run, cancellationToken),
            [recipes.Build.Id] = await StatusFileAsync(entry.Build, cancellationToken),
        };
        try
        {
            return await new StackForecast(cache, recipes, id => status[id]).ReadAsync(cancellationToken);
        }
        catch (HostProgramException failure)
        {
            throw new UserError("stack_unknown", 502, $"{StackCommand.Sentence(failure, "It cannot be told which packages are newer")} To move the apps to the base images that are there: paas stack update --offline");
        }
    }

    /// <summary>Makes them with today's packages, as `paasd stack --refresh` does. Takes minutes; one at a time on a machine.</summary>
    /// <exception cref="UserError">stack_not_made.</exception>
    public async Task<MadeImages> MakeAsync(Action<string> say, CancellationToken cancellationToken)
    {
        var recipes = Recipes();
        var before = cache.Newest(recipes);
        try
        {
            using var turn = await StackLock.TakeAsync(cache.Root, say, cancellationToken);
            var entry = cache.Newest(recipes) is { } made && made.Made != before?.Made
                ? made
                : await new StackMaker(cache, recipes, say).MakeAsync(cancellationToken);
            return Made(recipes, entry);
        }
        catch (HostProgramException failure)
        {
            throw new UserError("stack_not_made", 502, StackCommand.Sentence(failure));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError("stack_not_made", 502, $"The base images cannot be made: {error.Message}");
        }
    }

    /// <summary>For the system tests and the bench: another run image, made by somebody else, becomes the newest.</summary>
    internal void Add(Digest run, Digest build, IReadOnlyDictionary<string, SortedDictionary<string, string>> packages, DateTimeOffset made) =>
        cache.Add(new StackEntry(Recipes().Hash, run.ToString(), build.ToString(), packages, made));

    private StackRecipes Recipes() => StackRecipes.Read(options.Buildpacks);

    private static MadeImages Made(StackRecipes recipes, StackEntry entry) => new(
        Digest.Parse(entry.Run),
        Digest.Parse(entry.Build),
        $"Debian {recipes.Run.Version} ({recipes.Run.Suite})",
        entry.Made,
        entry.Packages.GetValueOrDefault(recipes.Run.Id) ?? [],
        entry.Packages.GetValueOrDefault(recipes.Build.Id) ?? []);

    private async Task<string> StatusFileAsync(string image, CancellationToken cancellationToken)
    {
        var layers = await images.UnpackAsync(await images.ReadAsync(Digest.Parse(image), cancellationToken), cancellationToken);
        return layers.Select(layer => Path.Combine(layer, Status)).FirstOrDefault(File.Exists)
            ?? throw new UserError("stack_unknown", 409, $"The base image {image} has no list of its packages ({Status}): make it anew with 'sudo paasd stack --refresh'.");
    }
}

/// <summary>One run image with the build image that belongs to it.</summary>
/// <param name="Description">"Debian 13 (trixie)".</param>
/// <param name="RunPackages">Names with versions.</param>
public sealed record MadeImages(
    Digest Run, Digest Build, string Description, DateTimeOffset Made, IReadOnlyDictionary<string, string> RunPackages, IReadOnlyDictionary<string, string> BuildPackages);

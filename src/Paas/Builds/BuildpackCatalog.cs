using Paas.Buildpacks;
using Paas.Buildpacks.Toml;

namespace Paas.Builds;

/// <summary>The buildpacks of an installation: &lt;folder&gt;/&lt;name&gt;/buildpack.toml each, and order.toml, the groups to try.</summary>
/// <param name="LooksFor">By id: what the buildpack's description says it looks for.</param>
internal sealed record BuildpackCatalog(IReadOnlyList<Buildpack> Buildpacks, Order Order, IReadOnlyDictionary<string, string> LooksFor)
{
    /// <exception cref="BuildFailureException">buildpack_invalid: the installation is damaged.</exception>
    public static BuildpackCatalog Read(string folder)
    {
        var order = Path.Combine(folder, "order.toml");
        if (!File.Exists(order))
        {
            throw new BuildFailureException("buildpack_invalid", $"The platform's buildpacks are not installed: {order} is missing. Install the platform again.");
        }

        var buildpacks = new List<Buildpack>();
        var looksFor = new Dictionary<string, string>();
        foreach (var directory in Directory.GetDirectories(folder).Where(directory => File.Exists(Path.Combine(directory, "buildpack.toml"))).Order(StringComparer.Ordinal))
        {
            var buildpack = ReadOne(directory);
            buildpacks.Add(buildpack);
            if (TomlReader.Parse(File.ReadAllText(Path.Combine(directory, "buildpack.toml"))).Table("buildpack")?.Text("description") is { Length: > 0 } description)
            {
                looksFor[buildpack.Id] = description.TrimEnd('.');
            }
        }

        try
        {
            return new(buildpacks, Order.Parse(File.ReadAllText(order)), looksFor);
        }
        catch (Exception e) when (e is TomlException or FormatException)
        {
            throw new BuildFailureException("buildpack_invalid", $"{order} cannot be read: {e.Message}");
        }
    }

    private static Buildpack ReadOne(string directory)
    {
        try
        {
            return Buildpack.Read(directory, $"{BuildSandbox.BuildpacksInside}/{Path.GetFileName(directory)}");
        }
        catch (LifecycleFailure failure)
        {
            throw new BuildFailureException("buildpack_invalid", failure.Message);
        }
    }
}

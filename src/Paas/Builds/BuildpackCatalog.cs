using Paas.Buildpacks;
using Paas.Buildpacks.Toml;

namespace Paas.Builds;

/// <summary>The buildpacks of an installation: &lt;folder&gt;/&lt;name&gt;/buildpack.toml each, order.toml, the groups to try, and beside it, where the operator
/// has one, system.toml with what stands around every group.</summary>
/// <param name="LooksFor">By id: what the buildpack's description says it looks for.</param>
public sealed record BuildpackCatalog(IReadOnlyList<Buildpack> Buildpacks, Order Order, IReadOnlyDictionary<string, string> LooksFor)
{
    /// <summary>Also around the groups that an app or its code chooses.</summary>
    public SystemBuildpacks System { get; init; } = SystemBuildpacks.None;

    /// <exception cref="BuildFailureException">buildpack_invalid: the installation is damaged.</exception>
    public static BuildpackCatalog Read(BuildsOptions options)
    {
        var folder = options.Buildpacks;
        var order = options.BuildpackOrder ?? Path.Combine(folder, "order.toml");
        if (!File.Exists(order))
        {
            throw new BuildFailureException("buildpack_invalid", options.BuildpackOrder is null
                ? $"The platform's buildpacks are not installed: {order} is missing. Install the platform again."
                : $"PAAS_BUILDPACK_ORDER names {order}, which is not there: its administrator has to mend that.");
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

        var system = Path.Combine(Path.GetDirectoryName(order)!, SystemBuildpacks.FileName);
        return new(buildpacks, Parse(order, Order.Parse), looksFor) { System = File.Exists(system) ? Parse(system, SystemBuildpacks.Parse) : SystemBuildpacks.None };
    }

    private static T Parse<T>(string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is TomlException or FormatException)
        {
            throw new BuildFailureException("buildpack_invalid", $"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>The team's besides the platform's own.</summary>
    /// <param name="pathOf">The folder of a digest.</param>
    /// <exception cref="BuildFailureException">buildpack_invalid: their files are damaged.</exception>
    public BuildpackCatalog With(IReadOnlyList<AddedBuildpack> added, Func<string, string> pathOf)
    {
        try
        {
            return this with { Buildpacks = [.. Buildpacks, .. added.Select(item => Buildpack.Read(pathOf(item.Digest), item.Inside))] };
        }
        catch (LifecycleFailure failure)
        {
            throw new BuildFailureException("buildpack_invalid", failure.Message);
        }
    }

    /// <summary>What the name stands for: the version that it names, else the newest. Null: it is not here.</summary>
    public Buildpack? Find(string id, string? version) => Buildpacks.LastOrDefault(item => item.Id == id && (version is null || item.Version == version));

    /// <summary>All that an order can come to, parts of composites included; what is not here is left out.</summary>
    public IReadOnlyList<Buildpack> Reach(Order order)
    {
        var reached = new OrderedDictionary<string, Buildpack>(StringComparer.Ordinal);
        var open = new Queue<Order>([order]);
        while (open.TryDequeue(out var next))
        {
            foreach (var buildpack in next.Groups.SelectMany(group => group.Entries).Select(entry => Find(entry.Id, entry.Version)).OfType<Buildpack>())
            {
                if (reached.TryAdd(buildpack.ToString(), buildpack) && buildpack.Order is { } parts)
                {
                    open.Enqueue(parts);
                }
            }
        }

        return [.. reached.Values];
    }

    private static Buildpack ReadOne(string directory)
    {
        try
        {
            return Buildpack.Read(directory, $"{BuildSandbox.OwnBuildpacksInside}/{Path.GetFileName(directory)}") with { IsAskedTogether = true };
        }
        catch (LifecycleFailure failure)
        {
            throw new BuildFailureException("buildpack_invalid", failure.Message);
        }
    }
}

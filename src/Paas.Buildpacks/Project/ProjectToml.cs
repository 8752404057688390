using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks.Project;

/// <summary>What a source says about its own build: project.toml in its root (CNB project descriptor, schema versions 0.1 to 0.3).</summary>
public sealed record ProjectToml
{
    /// <summary>Name in the root of a source.</summary>
    public const string FileName = "project.toml";

    /// <summary>No project.toml, or one without a word on the build.</summary>
    public static readonly ProjectToml Empty = new();

    /// <summary>The builder image that the source would like. This platform has one builder; null: none is named.</summary>
    public string? Builder { get; init; }

    /// <summary>Which files of the source take part; null: all.</summary>
    public SourceFilter? Filter { get; init; }

    /// <summary>These buildpacks in this order, instead of the built-in order; empty: the built-in order.</summary>
    public IReadOnlyList<ProjectBuildpack> Group { get; init; } = [];

    /// <summary>In front of each group.</summary>
    public IReadOnlyList<ProjectBuildpack> Pre { get; init; } = [];

    /// <summary>At the end of each group.</summary>
    public IReadOnlyList<ProjectBuildpack> Post { get; init; } = [];

    /// <summary>Variables for the build: files in platform/env, as the app's own config is. The app's own settings win.</summary>
    public IReadOnlyDictionary<string, string> BuildEnv { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Sentences for the log: what was read in spite of a flaw, and what was not understood.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>All buildpacks that it names.</summary>
    public IEnumerable<ProjectBuildpack> Buildpacks => [.. Pre, .. Group, .. Post];

    /// <exception cref="FormatException">It is not TOML or no project descriptor: one sentence with line and column.</exception>
    public static ProjectToml Parse(string text)
    {
        try
        {
            return new ProjectTomlReader(TomlReader.Parse(text)).Read();
        }
        catch (Exception exception) when (exception is TomlException or FormatException)
        {
            throw new FormatException($"{FileName}, {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    /// <summary>The order to build with. An entry of the group that is the built-in order itself ("from=builder") stands for all of it.</summary>
    /// <param name="builtIn">The platform's order.</param>
    /// <param name="find">The installed buildpack that an entry means. It throws what the person should read when there is none.</param>
    public Order Combine(Order builtIn, Func<ProjectBuildpack, OrderEntry> find)
    {
        OrderEntry[] pre = [.. Pre.Select(find)], post = [.. Post.Select(find)];
        var own = Group.Count == 0 ? builtIn : CombineGroup(builtIn, find);
        return new Order([.. own.Groups.Select(group => new OrderGroup([.. pre, .. group.Entries, .. post]))]);
    }

    private Order CombineGroup(Order builtIn, Func<ProjectBuildpack, OrderEntry> find)
    {
        IEnumerable<IEnumerable<OrderEntry>> groups = [[]];
        foreach (var entry in Group)
        {
            IReadOnlyList<IEnumerable<OrderEntry>> next = entry.IsBuiltInOrder ? [.. builtIn.Groups.Select(group => group.Entries)] : [[find(entry)]];
            groups = [.. groups.SelectMany(head => next.Select(head.Concat))];
        }

        return new Order([.. groups.Select(group => new OrderGroup([.. group]))]);
    }
}

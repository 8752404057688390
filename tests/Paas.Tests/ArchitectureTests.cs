using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Paas;

/// <summary>The borders that the architecture draws, held as tables.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Who may reference whom: a project not listed references nothing.</summary>
    private static readonly Dictionary<string, string[]> ProjectReferences = new(StringComparer.Ordinal)
    {
        ["Paas.Oci"] = [],
        ["Paas.Client"] = [],
        ["Paas.Engine"] = ["Paas.Oci"],
        ["Paas.Buildpacks"] = ["Paas.Oci"],
        ["Paas.Cli"] = ["Paas.Client"],
        ["Paas.Dashboard"] = ["Paas.Client"],
        ["Paas"] = ["Paas.Buildpacks", "Paas.Client", "Paas.Dashboard", "Paas.Engine", "Paas.Oci"],
    };

    /// <summary>Which slices of src/Paas a slice may know. What all may know: State, and the names and stores of Apps and Accounts.</summary>
    private static readonly Dictionary<string, string[]> SliceReferences = new(StringComparer.Ordinal)
    {
        ["State"] = [],
        ["Accounts"] = ["State"],
        ["Apps"] = ["Accounts", "State"],
        ["Activity"] = ["Accounts", "Apps", "Logs", "Registry", "State"],
        ["Logs"] = ["Accounts", "Apps", "State"],
        ["Routing"] = ["State"],
        ["Edge"] = ["Routing", "State"],
        ["Keep"] = ["State"],
        ["Registry"] = ["Accounts", "Apps", "State"],
        ["Builds"] = ["Accounts", "Apps", "Logs", "Registry", "State"],
        ["Releases"] = ["Accounts", "Apps", "Logs", "State"],
        ["Instances"] = ["Accounts", "Apps", "Releases", "Routing", "State"],
        ["Deploys"] = ["Accounts", "Activity", "Apps", "Builds", "Instances", "Logs", "Registry", "Releases", "State"],
        ["Sboms"] = ["Accounts", "Apps", "Releases", "State"],
        ["Patching"] = ["Accounts", "Activity", "Apps", "Builds", "Deploys", "Instances", "Releases", "State"],
        ["Git"] = ["Accounts", "Apps", "Builds", "Deploys", "Releases", "State"],
        ["Catalog"] = ["Accounts", "Activity", "Apps", "Builds", "Deploys", "Git", "Registry", "State"],
        ["Metrics"] = ["Accounts", "Apps", "Instances", "Routing", "State"],
        ["Status"] = ["Accounts", "Activity", "Apps", "Deploys", "Instances", "Releases", "State"],
    };

    [GeneratedRegex(@"\bPaas\.([A-Z][A-Za-z]+)\b")]
    private static partial Regex SliceName { get; }

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?:struct\s+|class\s+)?([A-Z][A-Za-z0-9]*)")]
    private static partial Regex TypeName { get; }

    [GeneratedRegex(@"^\s*_ = .*Async\(", RegexOptions.Multiline)]
    private static partial Regex LostTask { get; }

    [Fact]
    public void Projects_reference_only_what_the_architecture_allows()
    {
        string[] folders = ["src", "web"];
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories)))
        {
            var project = Path.GetFileNameWithoutExtension(file);
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value))
                .Order(StringComparer.Ordinal);
            Assert.True(ProjectReferences.ContainsKey(project), $"{project} is not in the table of projects.");
            Assert.Equal(ProjectReferences[project], references);
        }
    }

    [Fact]
    public void Slices_know_only_the_slices_below_them()
    {
        var wrong = new List<string>();
        foreach (var file in Repository.Sources("src/Paas"))
        {
            var slice = Path.GetRelativePath(Repository.PathOf("src/Paas"), file).Split('/') is [var folder, _, ..] ? folder : null;
            if (slice is null)
            {
                continue;
            }

            Assert.True(SliceReferences.ContainsKey(slice), $"The slice {slice} is not in the table.");
            var code = string.Join('\n', File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            wrong.AddRange(SliceName.Matches(code).Select(match => match.Groups[1].Value)
                .Where(name => SliceReferences.ContainsKey(name) && name != slice && !SliceReferences[slice].Contains(name))
                .Distinct()
                .Select(name => $"{Path.GetFileName(file)}: {slice} -> {name}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_table_of_slices_has_no_cycle()
    {
        var settled = new HashSet<string>(StringComparer.Ordinal);
        while (settled.Count < SliceReferences.Count)
        {
            var free = SliceReferences.Where(item => !settled.Contains(item.Key) && item.Value.All(settled.Contains)).Select(item => item.Key).ToList();
            Assert.NotEmpty(free);
            settled.UnionWith(free);
        }
    }

    [Fact]
    public void Files_stay_short_enough_to_read()
    {
        var tooLong = Repository.Sources("src").Concat(Repository.Sources("web")).Concat(Repository.Sources("tests"))
            .Where(file => File.ReadLines(file).Count() > 400)
            .Select(file => Path.GetRelativePath(Repository.Root, file));
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_type_is_named_after_nothing()
    {
        string[] forbidden = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Impl", "Base"];
        var wrong = Repository.Sources("src").Concat(Repository.Sources("web"))
            .SelectMany(file => TypeName.Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Where(name => forbidden.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_task_is_thrown_away() =>
        Assert.Empty(Repository.Sources("src").Concat(Repository.Sources("web")).Where(file => LostTask.IsMatch(File.ReadAllText(file))).Select(Path.GetFileName));
}

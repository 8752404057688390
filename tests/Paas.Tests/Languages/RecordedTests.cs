namespace Paas.Languages;

/// <summary>What compilers and package managers print, as files of tests/Paas.Tests/Languages/Recorded, one a buildpack: the hint that each
/// gets stands before it, after "=== ".</summary>
public sealed class RecordedTests
{
    public static TheoryData<string, string, string> Recorded { get; } = [.. Read()];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Known_faults_are_told_by_a_sentence(string buildpack, string verdict, string said)
    {
        using var shell = new BuildpackShell(buildpack);
        Assert.StartsWith(verdict, shell.HintFor(said), StringComparison.Ordinal);
    }

    private static IEnumerable<TheoryDataRow<string, string, string>> Read()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("tests/Paas.Tests/Languages/Recorded"), "*.txt").Order(StringComparer.Ordinal))
        {
            foreach (var block in ("\n" + File.ReadAllText(file)).Split("\n=== ", StringSplitOptions.RemoveEmptyEntries).Where(block => block.Contains('\n', StringComparison.Ordinal)))
            {
                var end = block.IndexOf('\n', StringComparison.Ordinal);
                yield return new(Path.GetFileNameWithoutExtension(file), block[..end], block[(end + 1)..]);
            }
        }
    }
}

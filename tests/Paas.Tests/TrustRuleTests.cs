using System.Globalization;
using System.Text.RegularExpressions;

namespace Paas;

/// <summary>What holds for all sources at once, and that docs/security.md names a test that exists for each of the thirteen rules.</summary>
public sealed partial class TrustRuleTests
{
    /// <summary>Inside an image a line goes to the image's own shell; on the host nothing does.</summary>
    private static readonly string[] ShellInsideImages = ["Releases/LaunchEnvironment.cs", "Deploys/ImageReading.cs", "Builds/StackImage.cs", "Paas.Buildpacks/BuildOutcome.cs", "Paas.Buildpacks/BuildpackRun.cs", "Project/ProjectTomlReader.cs"];

    [GeneratedRegex("""UseShellExecute = true|"(/bin/|/usr/bin/)?(sh|bash|dash)"|\.Arguments\s*=[^=]|new ProcessStartInfo\(\s*\)""")]
    private static partial Regex Shell { get; }

    [GeneratedRegex(@"\.(Listen|ListenAnyIP|ListenLocalhost)\(|new (TcpListener|HttpListener)\(")]
    private static partial Regex Listener { get; }

    [GeneratedRegex(@"`(?<class>[A-Z]\w+)\.(?<test>[A-Z]\w+_\w+)`")]
    private static partial Regex NamedTest { get; }

    [Fact]
    public void No_source_of_the_platform_starts_a_shell()
    {
        var found = Repository.Sources("src")
            .Where(file => !ShellInsideImages.Any(other => file.EndsWith(other, StringComparison.Ordinal)))
            .Where(file => Shell.IsMatch(File.ReadAllText(file)));
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_but_the_edge_and_unix_sockets_listens()
    {
        var found = Repository.Sources("src")
            .Where(file => !file.Contains("/Paas/Edge/", StringComparison.Ordinal))
            .SelectMany(File.ReadAllLines)
            .Where(line => Listener.IsMatch(line) && !line.Contains("_socket.Listen(", StringComparison.Ordinal));
        Assert.Empty(found);
    }

    [Fact]
    public void Each_trust_rule_names_a_test_that_exists()
    {
        var tests = Repository.Sources("tests").ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var rules = File.ReadAllText(Repository.PathOf("docs/security.md")).Split("\n## ")[1..];
        for (var number = 1; number <= 13; number++)
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"{number}. ");
            var rule = Assert.Single(rules, text => text.StartsWith(start, StringComparison.Ordinal));
            var named = NamedTest.Matches(rule);
            Assert.True(named.Count > 0, $"Rule {number} names no test.");
            foreach (Match test in named)
            {
                Assert.True(
                    tests[test.Groups["class"].Value].Any(text => text.Contains($" {test.Groups["test"].Value}(", StringComparison.Ordinal)),
                    $"Rule {number} names {test.Value}, which does not exist.");
            }
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Paas.Languages;

/// <summary>What compilers and package managers print, as files of tests/Paas.Tests/Languages/Recorded, one a buildpack ("lib" for the hints that all
/// have): the hint that each gets stands before it, after "=== ". A carriage return is written ␍ there.</summary>
public sealed partial class RecordedTests
{
    private const string Shared = "lib";

    public static TheoryData<string> Tables => [.. Directory.EnumerateFiles(Repository.PathOf("buildpacks"), "hints.tsv", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\{[0-9]\}| \(\)")]
    private static partial Regex Unfilled { get; }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Each_hint_is_told_for_what_was_recorded_and_none_is_without_a_record(string table)
    {
        using var shell = new BuildpackShell(table == Shared ? "procfile" : table);
        var rows = Number(Path.Combine(shell.Buildpack, "hints.tsv"), 0);
        rows = [.. rows, .. Number(Path.Combine(shell.Buildpack, "lib/hints.tsv"), rows.Count)];
        var records = Read(table);
        for (var record = 0; record < records.Count; record++)
        {
            shell.With($"{record}", records[record].Said);
        }

        var (code, output, error) = shell.Run($"for ((record = 0; record < {records.Count}; record++)); do hint_for $record || printf '%s' '-1\t'; echo; done");
        Assert.True(code == 0, error);
        var told = output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')).Select(hint => (Row: int.Parse(hint[0], CultureInfo.InvariantCulture), Sentence: hint[1])).ToList();
        var wrong = records.Zip(told)
            .Select(pair => (Wanted: pair.First.Verdict, Told: pair.Second.Row < 0 ? "nothing" : $"{rows[pair.Second.Row].Code}: {pair.Second.Sentence}"))
            .Where(pair => !pair.Told.StartsWith(pair.Wanted, StringComparison.Ordinal) || Unfilled.IsMatch(pair.Told)).ToList();
        var unrecorded = rows.Where((row, number) => row.IsOwn == (table != Shared) && !told.Any(hint => hint.Row == number)).ToList();
        Assert.True(wrong.Count == 0, $"other sentences: {string.Join('\n', wrong)}");
        Assert.True(unrecorded.Count == 0, $"rows without a record: {string.Join('\n', unrecorded)}");
    }

    /// <summary>The table's rows; in the file each row's number takes the place of its code, so that the hint says which row it is.</summary>
    private static List<(string Code, string Pattern, bool IsOwn)> Number(string file, int first)
    {
        var rows = File.Exists(file) ? File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).ToList() : [];
        File.WriteAllLines(file, rows.Select((row, number) => string.Create(CultureInfo.InvariantCulture, $"{first + number}\t{row[1]}\t{row[2]}")));
        return [.. rows.Select(row => (row[0], row[1], !file.EndsWith("lib/hints.tsv", StringComparison.Ordinal)))];
    }

    private static List<(string Verdict, string Said)> Read(string table) =>
        [.. ("\n" + File.ReadAllText(Repository.PathOf($"tests/Paas.Tests/Languages/Recorded/{table}.txt"))).Split("\n=== ", StringSplitOptions.RemoveEmptyEntries)
            .Where(block => block.Contains('\n', StringComparison.Ordinal))
            .Select(block => block.Split('\n', 2))
            .Select(block => (block[0], block[1].Replace('␍', '\r') + "\n"))];
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace Paas.Buildpacks.Toml;

/// <summary>The public suite (toml-lang/toml-test), where a copy of it lies: PAAS_TOML_TEST names its folder "tests". What it taught is in
/// <see cref="TomlReaderTests"/> as cases of our own, which always run.</summary>
public sealed class TomlSuiteTests
{
    private static readonly string? Suite = Environment.GetEnvironmentVariable("PAAS_TOML_TEST");

    [Fact]
    public void Every_valid_document_is_read_as_the_suite_says_also_after_writing_it()
    {
        var faults = new List<string>();
        foreach (var path in Documents("valid/"))
        {
            try
            {
                var expected = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(path, ".json")));
                var table = TomlReader.Parse(File.ReadAllBytes(path));
                if (!Same(expected, table) || !Same(expected, TomlReader.Parse(TomlWriter.Write(table))))
                {
                    faults.Add($"{path}: read as\n{TomlWriter.Write(table)}");
                }
            }
            catch (TomlException exception)
            {
                faults.Add($"{path}: {exception.Message}");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Every_invalid_document_is_refused()
    {
        var accepted = Documents("invalid/").Where(path =>
        {
            try
            {
                TomlReader.Parse(File.ReadAllBytes(path));
                return true;
            }
            catch (TomlException)
            {
                return false;
            }
        });

        Assert.Empty(accepted);
    }

    private static List<string> Documents(string kind)
    {
        Assert.SkipWhen(Suite is null, "PAAS_TOML_TEST names no copy of toml-lang/toml-test");
        return [.. File.ReadAllLines(Path.Combine(Suite!, "files-toml-1.0.0"))
            .Where(name => name.StartsWith(kind, StringComparison.Ordinal) && name.EndsWith(".toml", StringComparison.Ordinal))
            .Select(name => Path.Combine(Suite!, name))];
    }

    /// <summary>The suite writes a value as { "type": ..., "value": text }, a table as an object, an array as an array.</summary>
    private static bool Same(JsonNode? expected, object actual) => expected switch
    {
        JsonArray array => actual is TomlArray items && items.Count == array.Count && array.Zip(items).All(pair => Same(pair.First, pair.Second)),
        JsonObject value when value.Count == 2 && value["type"] is JsonValue type && value["value"] is JsonValue text =>
            SameValue((string)type!, (string)text!, actual),
        JsonObject table => actual is TomlTable own && own.Count == table.Count && table.All(pair => own.TryGet(pair.Key, out var value) && Same(pair.Value, value)),
        _ => false,
    };

    private static bool SameValue(string type, string text, object actual) => type switch
    {
        "string" => actual is string own && own == text,
        "integer" => actual is long own && own == long.Parse(text, CultureInfo.InvariantCulture),
        "float" => actual is double own && own.Equals(Float(text)),
        "bool" => actual is bool own && own == (text == "true"),
        "datetime" => actual is TomlTime { Kind: TomlTimeKind.OffsetDateTime } own && Instant(own.Text) == Instant(text),
        "datetime-local" => actual is TomlTime { Kind: TomlTimeKind.LocalDateTime } own && Instant(own.Text + "Z") == Instant(text + "Z"),
        "date-local" => actual is TomlTime { Kind: TomlTimeKind.LocalDate } own && own.Text == text,
        "time-local" => actual is TomlTime { Kind: TomlTimeKind.LocalTime } own && TimeOnly.Parse(own.Text, CultureInfo.InvariantCulture) == TimeOnly.Parse(text, CultureInfo.InvariantCulture),
        _ => false,
    };

    private static double Float(string text) => text switch
    {
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "+nan" or "-nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}

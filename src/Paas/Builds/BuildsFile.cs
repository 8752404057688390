using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.State;

namespace Paas.Builds;

/// <summary>What of paas.json builds read; other sections are others'.</summary>
internal sealed record BuildsFile(BuildsFile.Section? Builds)
{
    /// <summary>Null: there is no such file in the home, or no such section in it.</summary>
    /// <exception cref="UserError">options_invalid.</exception>
    public static Section? Read(PlatformHome home)
    {
        var path = PathIn(home);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), BuildsFileJson.Default.BuildsFile)?.Builds : null;
        }
        catch (JsonException malformed)
        {
            throw new UserError("options_invalid", 400, $"{path} cannot be read: {malformed.Message}");
        }
    }

    public static UserError Invalid(PlatformHome home, IEnumerable<string> faults) => new("options_invalid", 400, $"{PathIn(home)}: {string.Join("; ", faults)}.");

    private static string PathIn(PlatformHome home) => Path.Combine(home.Root, "paas.json");

    internal sealed record Section(int? AtOnce, double? CacheGigabytes, double? CacheGigabytesPerApp, double? UnchangedHours);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BuildsFile))]
internal sealed partial class BuildsFileJson : JsonSerializerContext;

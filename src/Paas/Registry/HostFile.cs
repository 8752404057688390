using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.State;

namespace Paas.Registry;

/// <summary>What of paas.json the registry reads; other sections are others'.</summary>
internal sealed record HostFile(HostFile.RegistrySection? Registry)
{
    /// <summary>Null: there is no such file in the home, or no such section in it.</summary>
    /// <exception cref="UserError">options_invalid.</exception>
    public static RegistrySection? Read(PlatformHome home)
    {
        var path = PathIn(home);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), HostJson.Default.HostFile)?.Registry;
        }
        catch (JsonException malformed)
        {
            throw new UserError("options_invalid", 400, $"{path} cannot be read: {malformed.Message}");
        }
    }

    public static UserError Invalid(PlatformHome home, IEnumerable<string> faults) => new("options_invalid", 400, $"{PathIn(home)}: {string.Join("; ", faults)}.");

    private static string PathIn(PlatformHome home) => Path.Combine(home.Root, "paas.json");

    internal sealed record RegistrySection(IReadOnlyList<UpstreamItem>? Upstreams, int? KeepUnusedDays, int? MaxGigabytes, int? MaxBlobGigabytes);

    internal sealed record UpstreamItem(string? Name, string? Url, string? CredentialsFile, int? RevalidateSeconds);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(HostFile))]
internal sealed partial class HostJson : JsonSerializerContext;

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Paas.Client;
using Paas.Dashboard.Controls;

namespace Paas.Dashboard.Pages.Registry;

/// <summary>Repositories and images in sentences.</summary>
internal static class RegistryWords
{
    /// <summary>"3 tags with 83.1 MB, 12.0 MB of it shared with other repositories; the team may pull".</summary>
    public static string Of(RepositoryView repository) =>
        $"{Say.Count(repository.Tags, "tag")} with {Say.Bytes(repository.Size)}{(repository.SharedSize > 0 ? $", {Say.Bytes(repository.SharedSize)} of it shared with other repositories" : "")}; {(repository.Public ? "everybody" : "the team")} may pull";

    /// <summary>"Image for linux/amd64: 83.1 MB in 9 layers".</summary>
    public static string Of(ManifestView image) => image.Kind switch
    {
        "index" => $"Image for {Say.Count(image.Manifests.Count(child => child.Platform is not (null or "unknown/unknown")), "platform")}: {Say.Bytes(image.Size)} in all",
        "image" => $"Image{(image.Config?.Platform is { } platform ? $" for {platform}" : "")}: {Say.Bytes(image.Size)} in {Say.Count(image.Layers.Count, "layer")}",
        _ => $"Artifact: {Say.Bytes(image.Size)} in {Say.Count(image.Layers.Count, "file")}",
    };

    /// <summary>JSON with a line for each member; what is no JSON stays as it is.</summary>
    public static string Indented(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            using var text = new MemoryStream();
            // It is put into the page as text: '+' and the like need no escape.
            using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                document.WriteTo(writer);
            }

            return Encoding.UTF8.GetString(text.ToArray());
        }
        catch (JsonException)
        {
            return json;
        }
    }

    /// <summary>"the newest 10 tags, those of the last 30 days, those like v*", "every tag".</summary>
    public static string Of(RetentionView kept)
    {
        var parts = new List<string>();
        if (kept.KeepLast is { } last)
        {
            parts.Add($"the newest {Say.Count(last, "tag")}");
        }

        if (kept.KeepDays is { } days)
        {
            parts.Add($"those of the last {Say.Count(days, "day")}");
        }

        if (kept.KeepTags is { } tags)
        {
            parts.Add($"those like {tags}");
        }

        return parts.Count == 0 ? "every tag" : string.Join(", ", parts);
    }
}

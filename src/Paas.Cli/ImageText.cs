namespace Paas.Cli;

/// <summary>A repository, or an image of it, as it is typed: "hello", "team/app:1.0", "hello@sha256:...".</summary>
/// <param name="Reference">Tag or digest; null: the repository itself.</param>
internal sealed record ImageText(string Repository, string? Reference)
{
    /// <param name="platform">What docker was given has the registry's host before the name: it may be pasted here.</param>
    public static ImageText Parse(string text, Uri platform)
    {
        foreach (var host in (string[])[$"{platform.Authority}/", $"registry.{platform.Authority}/"])
        {
            text = text.StartsWith(host, StringComparison.OrdinalIgnoreCase) ? text[host.Length..] : text;
        }

        if (text.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            // "name:tag@digest": the digest says all.
            return new ImageText(Split(text[..at]).Repository, text[(at + 1)..]);
        }

        return Split(text);
    }

    public override string ToString() => Reference is null ? Repository : $"{Repository}{(Reference.Contains(':', StringComparison.Ordinal) ? "@" : ":")}{Reference}";

    private static ImageText Split(string text) => text.LastIndexOf(':') is var colon and > 0 && colon > text.LastIndexOf('/')
        ? new ImageText(text[..colon], text[(colon + 1)..])
        : new ImageText(text, null);
}

namespace Paas.Dashboard.Pages.Registry;

/// <summary>What an address below /registry is about.</summary>
/// <param name="Reference">Tag or digest; null: the repository itself.</param>
internal sealed record RegistryAddress(string Repository, string? Reference)
{
    /// <param name="place">"team/app", "team/app:1.0", "team/app@sha256:...".</param>
    public static RegistryAddress Parse(string place) => place.IndexOf('@', StringComparison.Ordinal) switch
    {
        > 0 and var at => new RegistryAddress(place[..at], place[(at + 1)..]),
        _ when place.LastIndexOf(':') is > 0 and var colon && colon > place.LastIndexOf('/') => new RegistryAddress(place[..colon], place[(colon + 1)..]),
        _ => new RegistryAddress(place, null),
    };

    /// <summary>"team/app:1.0", "team/app@0123456789ab".</summary>
    public string Title => Reference is null ? Repository : IsDigest ? $"{Repository}@{Controls.Say.Digest(Reference)}" : $"{Repository}:{Reference}";

    public bool IsDigest => Reference?.Contains(':', StringComparison.Ordinal) == true;

    /// <summary>Where an image is looked at.</summary>
    public static string To(string repository, string reference) => $"/registry/{repository}{(reference.Contains(':', StringComparison.Ordinal) ? '@' : ':')}{reference}";
}

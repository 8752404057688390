using System.Text.Json.Serialization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>An answer of distribution-spec v1.1, "Error Codes": what docker, podman and skopeo show to their user.</summary>
internal sealed class RegistryError(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>For WWW-Authenticate; null: none.</summary>
    public string? Challenge { get; private init; }

    /// <summary>Null: waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <param name="challenge">See <see cref="TokenChallenge"/>.</param>
    public static RegistryError Unauthorized(string challenge) =>
        new(401, "UNAUTHORIZED", "Sign in with an API token as the password and any user name. Make a token with: paas tokens create --name <name>") { Challenge = challenge };

    public static RegistryError Locked(TimeSpan wait) =>
        new(429, "TOOMANYREQUESTS", "Too many wrong credentials came from you: sign in with a token that exists, or wait a while.") { RetryAfter = wait };

    public static RegistryError TokenRequestInvalid() =>
        new(400, "UNSUPPORTED", "Ask for a token by a form with grant_type=password, username and password, or grant_type=refresh_token and refresh_token.");

    public static RegistryError NotAllowed(RepositoryName name, RegistryRights needed) =>
        new(403, "DENIED", $"You may not {needed.Words().Replace("delete", "delete from", StringComparison.Ordinal).Replace("pull", "pull from", StringComparison.Ordinal).Replace("push", "push to", StringComparison.Ordinal)} '{name}': use a token that has the right to.");

    public static RegistryError NameInvalid() => new(400, "NAME_INVALID", "That cannot be the name of a repository.");

    public static RegistryError NameUnknown(RepositoryName name) => new(404, "NAME_UNKNOWN", $"There is no repository '{name}' that you may use.");

    public static RegistryError NothingPushed(RepositoryName name) => new(404, "NAME_UNKNOWN", $"Nothing has been pushed to the repository '{name}' yet.");

    public static RegistryError NotFound() => new(404, "UNSUPPORTED", "The registry has no such address.");

    public static RegistryError Unsupported() => new(405, "UNSUPPORTED", "The registry does not do this.");

    public static RegistryError DigestMalformed() => new(400, "DIGEST_INVALID", "That is not a sha256 or sha512 digest.");

    public static RegistryError DigestMismatch(string message) => new(400, "DIGEST_INVALID", message);

    public static RegistryError BlobUnknown(Digest digest) => new(404, "BLOB_UNKNOWN", $"The repository has no blob {digest}.");

    public static RegistryError UploadUnknown() => new(404, "BLOB_UPLOAD_UNKNOWN", "There is no such upload: it ended, or the server restarted. Start it again.");

    public static RegistryError UploadTooLarge(long limit) => new(413, "SIZE_INVALID", $"A blob can have {limit >> 30} GB at most.");

    public static RegistryError TooManyUploads() => new(429, "TOOMANYREQUESTS", "Too many uploads are open: wait until some have ended.");

    public static RegistryError DiskFull() => new(507, "DENIED", "The server's disk is almost full: no image can be pushed until there is space again.");

    public static RegistryError ManifestUnknown(Reference reference) => new(404, "MANIFEST_UNKNOWN", $"The repository has no manifest '{reference}'.");

    public static RegistryError ReferenceInvalid() => new(404, "MANIFEST_UNKNOWN", "That is neither a tag nor a digest.");

    public static RegistryError ManifestInvalid(string message) => new(400, "MANIFEST_INVALID", message);

    public static RegistryError ManifestTooLarge(int limit) => new(413, "SIZE_INVALID", $"A manifest can have {limit >> 20} MB at most.");

    public static RegistryError ManifestBlobUnknown(Digest digest) =>
        new(400, "MANIFEST_BLOB_UNKNOWN", $"The manifest names {digest}, which the repository does not have: push its blobs first.");

    public static RegistryError BadPageSize() => new(400, "PAGINATION_NUMBER_INVALID", "'n' must be a number, 0 or more.");

    public ErrorList ToBody() => new([new ErrorItem(Code, Message)]);
}

internal sealed record ErrorList([property: JsonPropertyName("errors")] IReadOnlyList<ErrorItem> Errors);

internal sealed record ErrorItem([property: JsonPropertyName("code")] string Code, [property: JsonPropertyName("message")] string Message);

internal sealed record TagList([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("tags")] IReadOnlyList<string> Tags);

[JsonSerializable(typeof(ErrorList))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class RegistryJson : JsonSerializerContext;

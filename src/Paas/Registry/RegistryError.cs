using System.Globalization;
using System.Text.Json.Serialization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>An answer of distribution-spec v1.1, "Error Codes": what docker, podman and skopeo show to their user.</summary>
internal sealed class RegistryError(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>The upload can never be finished, or only after somebody made room: what came of it is given back to the disk.</summary>
    public bool EndsUpload { get; private init; }

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

    public static RegistryError OfAnother(RepositoryName name, string upstream) =>
        new(403, "DENIED", $"'{name}' is a copy of what {upstream} has: push to {upstream} itself, or here under a name of your own.");

    public static RegistryError UpstreamUnavailable(string message) => new(503, "UNAVAILABLE", message);

    /// <param name="unknown">Where the other registry has no such thing.</param>
    public static RegistryError OfUpstream(string upstream, RegistryClientException failed, Func<RegistryError> unknown) => failed.Fault switch
    {
        RegistryFault.NotFound => unknown(),
        RegistryFault.Unauthorized or RegistryFault.Denied => new(404, "NAME_UNKNOWN", $"{upstream} has no such image, or does not show it to this platform."),
        RegistryFault.RateLimited => new(429, "TOOMANYREQUESTS", $"{upstream} has had too many requests from this platform: try again later.") { RetryAfter = failed.RetryAfter ?? TimeSpan.FromMinutes(1) },
        _ => UpstreamUnavailable(failed.Message),
    };

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

    public static RegistryError UploadUnknown() => new(404, "BLOB_UPLOAD_UNKNOWN", "There is no such upload: it ended, or nobody went on with it for a day. Start it again.");

    public static RegistryError UploadBusy() =>
        new(409, "BLOB_UPLOAD_INVALID", "Another request is still writing to this upload. Ask it for its offset in a moment and go on from there.");

    public static RegistryError ChunkRangeInvalid() => new(400, "BLOB_UPLOAD_INVALID", "Content-Range must be 'first-last': the offsets of the chunk's first and last byte.");

    /// <param name="promised">Bytes that Content-Range says.</param>
    /// <param name="came">Bytes of the body.</param>
    public static RegistryError ChunkLength(long promised, long came) =>
        new(400, "SIZE_INVALID", $"Content-Range says that the chunk has {promised} bytes, but its body has {came}. Nothing of it was kept: send it again.");

    public static RegistryError BodyCut() => new(400, "SIZE_INVALID", "The request's body ended before all of it had come, or is malformed. What came of a blob is kept: ask for its offset and go on.");

    public static RegistryError TooSlow() => new(408, "BLOB_UPLOAD_INVALID", "Almost nothing came for minutes, so this request was ended. What came of a blob is kept: ask for its offset and go on.");

    public static RegistryError BlobTooLarge(long limit) => new(413, "SIZE_INVALID", $"A blob can have {Show(limit)} at most.") { EndsUpload = true };

    public static RegistryError RepositoryFull(RepositoryName name, long limit) =>
        new(403, "DENIED", $"The repository '{name}' can have {Show(limit)} in all, and this would be more. Remove what is not needed any more, or have its limit raised.") { EndsUpload = true };

    public static RegistryError RegistryFull(long limit) =>
        new(403, "DENIED", $"The registry can have {Show(limit)} in all, and this would be more. Remove images that are not needed any more.") { EndsUpload = true };

    public static RegistryError TooManyUploads() =>
        new(429, "TOOMANYREQUESTS", "Too many uploads to this repository have begun and not ended. Cancel some, or wait: a day after its last byte an upload is removed.");

    public static RegistryError DiskFull() =>
        new(507, "DENIED", "The server's disk is almost full: nothing can be pushed until there is space again. What was pushed before is not touched.") { EndsUpload = true };

    public static RegistryError ManifestUnknown(Reference reference) => new(404, "MANIFEST_UNKNOWN", $"The repository has no manifest '{reference}'.");

    public static RegistryError ReferenceInvalid() => new(404, "MANIFEST_UNKNOWN", "That is neither a tag nor a digest.");

    public static RegistryError ManifestInvalid(string message) => new(400, "MANIFEST_INVALID", message);

    public static RegistryError ManifestTooLarge(int limit) => new(413, "SIZE_INVALID", $"A manifest can have {Show(limit)} at most.");

    public static RegistryError ReleaseTag(Tag tag) =>
        new(403, "DENIED", $"The tag '{tag}' names a release, and only the platform makes those: push any other tag, like 'main', and its image becomes the next release.");

    public static RegistryError ManifestBlobUnknown(Digest digest) =>
        new(400, "MANIFEST_BLOB_UNKNOWN", $"The manifest names {digest}, which the repository does not have: push its blobs first.");

    public static RegistryError PreconditionFailed(Reference reference) =>
        new(412, "DENIED", $"'{reference}' is not what If-Match or If-None-Match expects any more: somebody changed it in between. Look at it again.");

    public static RegistryError TagInvalid(string text) => new(400, "MANIFEST_INVALID", $"'{text}' cannot be a tag: up to 128 letters, digits, '_', '.' and '-', the first no '.' or '-'.");

    public static RegistryError TooManyTags(int limit) => new(414, "MANIFEST_INVALID", $"One request can set {limit} tags at most.");

    public static RegistryError BadPageSize() => new(400, "PAGINATION_NUMBER_INVALID", "'n' must be a number, 0 or more.");

    /// <summary>ENOSPC and EDQUOT of errno(3); SQLITE_FULL of the database.</summary>
    public static bool IsDiskFull(Exception exception) =>
        exception is IOException { HResult: var code } && (code & 0xffff) is 28 or 122 || exception is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 13 };

    public ErrorList ToBody() => new([new ErrorItem(Code, Message)]);

    /// <summary>"20 GB", "512 bytes"; units are powers of 1024.</summary>
    private static string Show(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}

internal sealed record ErrorList([property: JsonPropertyName("errors")] IReadOnlyList<ErrorItem> Errors);

internal sealed record ErrorItem([property: JsonPropertyName("code")] string Code, [property: JsonPropertyName("message")] string Message);

internal sealed record TagList([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("tags")] IReadOnlyList<string> Tags);

internal sealed record RepositoryList([property: JsonPropertyName("repositories")] IReadOnlyList<string> Repositories);

[JsonSerializable(typeof(ErrorList))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(List<EdgeRow>))]
[JsonSerializable(typeof(IEnumerable<string>))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class RegistryJson : JsonSerializerContext;

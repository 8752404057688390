using Dapper;
using Paas.State;

namespace Paas.Deploys;

/// <summary>The image whose tag an app follows.</summary>
public sealed record FollowedImage
{
    public long AppId { get; init; }

    /// <summary>As it was written.</summary>
    public string Reference { get; init; } = "";

    /// <summary>What was deployed last, or tried to be; null: nothing yet.</summary>
    public string? Digest { get; init; }

    /// <summary>Who wished it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Looks in a row that failed.</summary>
    public long Failures { get; init; }

    /// <summary>Why the last look failed; null after a good one.</summary>
    public string? Sentence { get; init; }

    /// <summary>Null before the first look.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    public DateTimeOffset NextAt { get; init; }
}

/// <summary>Followed images in the database: at most one for each app.</summary>
public sealed class FollowedImages(Database database)
{
    private const string Select = "SELECT app_id, reference, digest, actor, failures, sentence, looked_at, next_at FROM followed_images";

    /// <summary>Null: the app follows none.</summary>
    public FollowedImage? Find(long appId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<FollowedImage>($"{Select} WHERE app_id = @appId", new { appId });
    }

    public IReadOnlyList<FollowedImage> All()
    {
        using var connection = database.Open();
        return connection.Query<FollowedImage>($"{Select} ORDER BY next_at").AsList();
    }

    /// <summary>Takes the place of an earlier one.</summary>
    public void Follow(long appId, string reference, string actor, DateTimeOffset firstLook)
    {
        using var connection = database.Open();
        connection.Execute(
            "INSERT OR REPLACE INTO followed_images(app_id, reference, actor, next_at) VALUES (@appId, @reference, @actor, @firstLook)", new { appId, reference, actor, firstLook });
    }

    /// <summary>False: it followed none.</summary>
    public bool Unfollow(long appId)
    {
        using var connection = database.Open();
        return connection.Execute("DELETE FROM followed_images WHERE app_id = @appId", new { appId }) > 0;
    }

    /// <summary>This was deployed, or is about to be.</summary>
    public void Deployed(FollowedImage followed, string digest)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE followed_images SET digest = @digest WHERE app_id = @AppId AND reference = @Reference", new { followed.AppId, followed.Reference, digest });
    }

    /// <param name="sentence">Why it failed; null: it went well.</param>
    public void Looked(FollowedImage followed, string? sentence, DateTimeOffset at, DateTimeOffset next)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            UPDATE followed_images SET looked_at = @at, next_at = @next, sentence = @sentence, failures = CASE WHEN @sentence IS NULL THEN 0 ELSE failures + 1 END
            WHERE app_id = @AppId AND reference = @Reference
            """,
            new { followed.AppId, followed.Reference, sentence, at, next });
    }

    /// <summary>Looked at as soon as possible.</summary>
    public void Hurry(long appId, DateTimeOffset now)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE followed_images SET next_at = @now WHERE app_id = @appId", new { appId, now });
    }
}

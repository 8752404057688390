using Dapper;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>An image that was pushed to an app's own repository and is to be deployed.</summary>
/// <param name="Tries">How often a control has begun with it.</param>
public sealed record ImagePush(long AppId, Tag Tag, Digest Digest, string Actor, int Tries);

/// <summary>Pushes that wait for their deploy, in the database: the client has long been told that its push went well when a restart comes between.</summary>
public sealed class ImagePushes(Database database, TimeProvider time)
{
    /// <summary>The newest push takes the place of one that still waits.</summary>
    public void Add(long appId, PushedImage image)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            INSERT INTO image_pushes(app_id, tag, digest, actor, pushed_at) VALUES (@appId, @tag, @digest, @Actor, @now)
            ON CONFLICT DO UPDATE SET tag = excluded.tag, digest = excluded.digest, actor = excluded.actor, tries = 0, pushed_at = excluded.pushed_at
            """,
            new { appId, tag = image.Tag.ToString(), digest = image.Digest.ToString(), image.Actor, now = time.GetUtcNow() });
    }

    /// <summary>Apps with a push that waits.</summary>
    public IReadOnlyList<long> Waiting()
    {
        using var connection = database.Open();
        return connection.Query<long>("SELECT app_id FROM image_pushes ORDER BY pushed_at").AsList();
    }

    /// <summary>Counts a try and returns the push; null: none waits.</summary>
    public ImagePush? Begin(long appId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>("UPDATE image_pushes SET tries = tries + 1 WHERE app_id = @appId RETURNING app_id, tag, digest, actor, tries", new { appId }) is { } row
            ? new ImagePush(row.AppId, Tag.Parse(row.Tag), Digest.Parse(row.Digest), row.Actor, (int)row.Tries)
            : null;
    }

    /// <summary>It has its release, or never will; one that was pushed since stays.</summary>
    public void Done(ImagePush push)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM image_pushes WHERE app_id = @AppId AND digest = @digest AND tag = @tag", new { push.AppId, digest = push.Digest.ToString(), tag = push.Tag.ToString() });
    }

    private sealed class Row
    {
        public long AppId { get; init; }

        public string Tag { get; init; } = "";

        public string Digest { get; init; } = "";

        public string Actor { get; init; } = "";

        public long Tries { get; init; }
    }
}

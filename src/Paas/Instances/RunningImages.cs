using Dapper;
using Paas.Oci;
using Paas.Releases;
using Paas.State;

namespace Paas.Instances;

/// <summary>The images that instances run from, or may at any moment: of everything that is being rolled out, serves or drains.</summary>
public sealed class RunningImages(Database database)
{
    public IEnumerable<ContentRoot> Needs()
    {
        using var connection = database.Open();
        return
        [
            .. connection.Query<Row>("SELECT apps.name AS app, number, image FROM rollouts JOIN releases ON releases.app_id = rollouts.app_id AND number = release JOIN apps ON apps.id = rollouts.app_id")
                .Select(row => new ContentRoot($"release {Release.TagOf(row.Number)} of {row.App}, which runs,") { Image = Digest.Parse(row.Image), Unpacked = true }),
        ];
    }

    private sealed record Row
    {
        public string App { get; init; } = "";

        public int Number { get; init; }

        public string Image { get; init; } = "";
    }
}

using Dapper;
using Paas.Oci;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Unpacks an image's layers, each one proven: its blob really is the diff id that the image's config names. Snapshots are shared by
/// diff id, so without the proof a stranger's diff id in a config would mount the stranger's files.</summary>
public sealed class LayerProofs(Database database, BlobStore blobs, Snapshots snapshots)
{
    /// <param name="line">Takes what was left out of layers.</param>
    /// <exception cref="DigestMismatchException">A layer is something else than the config says.</exception>
    /// <exception cref="InvalidDataException">A layer breaks a rule.</exception>
    /// <exception cref="FileNotFoundException">A layer's blob is not in the content store.</exception>
    public async Task EnsureAsync(Image image, Action<string> line, CancellationToken cancellationToken)
    {
        foreach (var (diffId, layer) in image.Config.RootFs.DiffIds.Zip(image.Manifest.Layers))
        {
            if (IsProven(layer.Digest, diffId) && snapshots.TryRenew(diffId))
            {
                continue;
            }

            await using var blob = blobs.OpenRead(layer.Digest);
            foreach (var note in await snapshots.ProveAsync(blob, diffId, cancellationToken))
            {
                line(note);
            }

            Remember(layer.Digest, diffId);
        }
    }

    private void Remember(Digest blob, DiffId diffId)
    {
        using var connection = database.Open();
        connection.Execute("INSERT INTO layer_proofs(blob, diff_id) VALUES (@blob, @diffId) ON CONFLICT DO NOTHING", new { blob = blob.ToString(), diffId = diffId.ToString() });
    }

    private bool IsProven(Digest blob, DiffId diffId)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT count(*) FROM layer_proofs WHERE blob = @blob AND diff_id = @diffId", new { blob = blob.ToString(), diffId = diffId.ToString() }) > 0;
    }
}

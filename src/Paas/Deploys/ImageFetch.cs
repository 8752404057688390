using System.Globalization;
using Paas.Apps;
using Paas.Oci;
using Paas.Registry;

namespace Paas.Deploys;

/// <summary>Fetches an image of another registry into the content store, as the app's own, with the team's login there.</summary>
public sealed class ImageFetch(RegistryClient client, RegistryLoginStore logins, AppImages images, BlobStore blobs, RegistryOptions limits, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    /// <exception cref="RegistryClientException">It did not come.</exception>
    internal async Task<(Image Image, Digest Top)> FetchAsync(App app, ImageReference image, Action<string> line, CancellationToken cancellationToken)
    {
        var login = logins.Find(app.TeamId, image.Host);
        line($"Fetching {image}{(login is null ? "" : $" as {login.Username}")}");
        return await PullAsync(app, client.Open(image, login), image, static _ => false, line, cancellationToken);
    }

    /// <summary>As <see cref="FetchAsync"/>; where the team has no login of its own, by the cache that this registry is of the image's.</summary>
    /// <exception cref="RegistryClientException">It did not come.</exception>
    internal async Task<Image> FetchThroughCacheAsync(App app, ImageReference image, UpstreamImages upstreams, Action<string> line, CancellationToken cancellationToken)
    {
        if (logins.Find(app.TeamId, image.Host) is not null || upstreams.Find(image) is not var (upstream, remote))
        {
            return (await FetchAsync(app, image, line, cancellationToken)).Image;
        }

        line($"Fetching {image}");
        return (await PullAsync(app, remote, image, digest => upstreams.HasBlob(upstream, digest), line, cancellationToken)).Image;
    }

    private async Task<(Image Image, Digest Top)> PullAsync(
        App app, RemoteRepository remote, ImageReference image, Func<Digest, bool> mayReuse, Action<string> line, CancellationToken cancellationToken)
    {
        var pull = new ImagePull(blobs, digest => images.TeamHasBlob(app.TeamId, digest) || mayReuse(digest), blob => images.Link(app, blob));
        var pulled = await pull.RunAsync(remote, image.Reference, Progress(line), cancellationToken);
        return (pulled.Image, pulled.Top);
    }

    private Action<PullProgress> Progress(Action<string> line)
    {
        var gate = new Lock();
        var last = time.GetTimestamp();
        var began = false;
        return progress =>
        {
            lock (gate)
            {
                if (!began)
                {
                    began = true;
                    RefuseToFill(progress.Total);
                    line(progress.Total == 0 ? "All of its layers are here already" : $"{Mb(progress.Total)} MB to fetch");
                }
                else if (time.GetElapsedTime(last) >= Between)
                {
                    last = time.GetTimestamp();
                    line($"{Mb(progress.Arrived)} of {Mb(progress.Total)} MB");
                }
            }
        };
    }

    private void RefuseToFill(long bytes)
    {
        if (blobs.Disk.AvailableFreeSpace < bytes + limits.FreeSpaceFloor)
        {
            throw new RegistryClientException(RegistryFault.TooLarge, $"The server's disk has no room for this image of {Mb(bytes)} MB: free some space first.");
        }
    }

    private static string Mb(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
}

using System.Globalization;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Keeps the logs of deploys from growing without end: of each app the newest stay.</summary>
internal sealed class DeployLogFiles(PlatformHome home)
{
    /// <summary>Of one app, however small.</summary>
    public const int Most = 200;

    /// <summary>Bytes of one app's logs; the newest <see cref="Least"/> stay whatever their size.</summary>
    public const long MostBytes = 256L << 20;

    public const int Least = 10;

    private string Folder => Path.Combine(home.Logs, "deploys");

    public IReadOnlyList<Leftover> Sweep(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        List<Leftover> old = [];
        foreach (var app in Directory.Exists(Folder) ? Directory.EnumerateDirectories(Folder) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (count, bytes) = (0, 0L);
            foreach (var (file, number) in Logs(app).OrderByDescending(log => log.Number))
            {
                count++;
                bytes += file.Length;
                if (count > Most || (count > Least && bytes > MostBytes))
                {
                    old.Add(new Leftover("deploy log", $"{Path.GetFileName(app)}/{number.ToString(CultureInfo.InvariantCulture)}", file.Length, $"the newest {Most} logs of an app are kept, {MostBytes >> 20} MB in all"));
                    if (!dryRun)
                    {
                        file.Delete();
                    }
                }
            }
        }

        return old;
    }

    private static IEnumerable<(FileInfo File, int Number)> Logs(string folder) =>
        from path in Directory.EnumerateFiles(folder, "*.jsonl")
        let number = int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1
        where number >= 0
        select (new FileInfo(path), number);
}

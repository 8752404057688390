using System.Text;

namespace Paas.Git;

/// <summary>What the hook sends (src/native/hook.c describes both directions).</summary>
/// <param name="Push">Id of the push.</param>
/// <param name="Quarantine">git's variables: a process with them sees the pushed objects before any ref names them (githooks(5), "pre-receive").</param>
/// <param name="Refs">All refs that the push wants to move.</param>
internal sealed record HookRequest(string Push, IReadOnlyDictionary<string, string> Quarantine, IReadOnlyList<RefUpdate> Refs)
{
    /// <summary>Bytes: some 100,000 refs.</summary>
    private const int Longest = 16 << 20;

    private static readonly HashSet<string> Passed = new(StringComparer.Ordinal) { "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH" };

    /// <exception cref="InvalidDataException">Not what the hook sends, or too many refs.</exception>
    public static async Task<HookRequest> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16384];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + count > Longest)
            {
                throw new InvalidDataException("This push moves too many refs at once: push fewer branches and tags at a time.");
            }

            await bytes.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        // Ref names are bytes to git; what is not UTF-8 shows as U+FFFD and matches no branch of ours.
        return Parse(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    public static HookRequest Parse(string text)
    {
        var lines = text.Split('\n');
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.TakeWhile(line => line.Length > 0))
        {
            if (line.Split('=', 2) is not [var name, var value] || !values.TryAdd(name, value))
            {
                throw new InvalidDataException("The hook sent something that is no variable, or one twice.");
            }
        }

        var refs = lines.Skip(values.Count + 1).Where(line => line.Length > 0).Select(RefUpdate.Parse).ToList();
        return new(
            values.GetValueOrDefault("PAAS_PUSH") ?? throw new InvalidDataException("The hook did not say which push it belongs to."),
            values.Where(value => Passed.Contains(value.Key)).ToDictionary(StringComparer.Ordinal),
            refs);
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Paas.Git;

/// <summary>Reads objects of a repository through one "git cat-file --batch".</summary>
internal static class GitObjects
{
    /// <summary>Bytes kept of each object; what is asked for here (links, LFS pointers, commit messages) is shorter.</summary>
    private const int Kept = 65536;

    /// <summary>In the order asked for; content beyond 64 KB is left out.</summary>
    public static async IAsyncEnumerable<(string Id, string Type, byte[] Content)> ReadAsync(
        GitProcess git, string repository, IReadOnlyDictionary<string, string> quarantine, IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            yield break;
        }

        using var process = git.Start(["--git-dir", repository, "cat-file", "--batch", "--buffer"], quarantine);
        try
        {
            var asking = AskAsync(process.StandardInput.BaseStream, ids, cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await using var output = new BufferedStream(process.StandardOutput.BaseStream, 65536);
            foreach (var id in ids)
            {
                // "<id> SP <type> SP <size> LF <content> LF", or "<id> missing".
                var header = (await ReadLineAsync(output, cancellationToken)).Split(' ');
                if (header.Length != 3)
                {
                    throw new InvalidDataException($"The push names the object {id[..7]} but does not bring it: push again with git push --no-thin.");
                }

                var size = long.Parse(header[2], CultureInfo.InvariantCulture);
                var content = new byte[Math.Min(size, Kept)];
                await output.ReadExactlyAsync(content, cancellationToken);
                await SkipAsync(output, size - content.Length + 1, cancellationToken);
                yield return (id, header[1], content);
            }

            await asking;
            await errors;
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task AskAsync(Stream input, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(ids.Select(id => id + "\n"))), cancellationToken);
            input.Close();
        }
        catch (IOException)
        {
            // It ended early: whoever reads its answers says so.
        }
    }

    private static async Task<string> ReadLineAsync(BufferedStream output, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await output.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString();
    }

    private static async Task SkipAsync(BufferedStream output, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(count, Kept)];
        for (; count > 0; count -= Math.Min(count, buffer.Length))
        {
            await output.ReadExactlyAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken);
        }
    }
}

namespace Paas.Git;

/// <summary>Whether the symlinks of a tree stay in it (trust rule 9), decided from the commit alone, before a file of it exists.</summary>
internal static class TreeLinks
{
    /// <summary>As the kernel: after this many links a path is a loop (path_resolution(7)).</summary>
    private const int MostLinks = 40;

    /// <summary>The first link that leads out of the tree, or null. A link that leads nowhere, or in a circle, leaves nothing.</summary>
    /// <param name="links">Path of each symlink to its target.</param>
    public static string? FirstThatLeaves(IReadOnlyDictionary<string, string> links) => links.Keys.FirstOrDefault(path => Leaves(path, links));

    /// <summary>Follows the path as the kernel would: comparing text is not enough, for "a/.." is not "." where a is a link.</summary>
    private static bool Leaves(string path, IReadOnlyDictionary<string, string> links)
    {
        var ahead = new Stack<string>(path.Split('/').Reverse());
        var walked = new List<string>();
        var followed = 0;
        while (ahead.TryPop(out var step))
        {
            if (step is "" or ".")
            {
                continue;
            }

            if (step == "..")
            {
                if (walked.Count == 0)
                {
                    return true;
                }

                walked.RemoveAt(walked.Count - 1);
                continue;
            }

            walked.Add(step);
            if (!links.TryGetValue(string.Join('/', walked), out var target))
            {
                continue;
            }

            if (target.StartsWith('/'))
            {
                return true;
            }

            if (++followed > MostLinks)
            {
                return false;
            }

            walked.RemoveAt(walked.Count - 1);
            foreach (var part in target.Split('/').Reverse())
            {
                ahead.Push(part);
            }
        }

        return false;
    }
}

namespace Paas.Buildpacks;

/// <summary>A directory of environment files: the file's name is the variable's, with a suffix that says how to apply it.</summary>
internal static class EnvFiles
{
    /// <summary>Name and contents of each file; subdirectories are not read.</summary>
    public static IReadOnlyDictionary<string, string> Read(UntrustedTree tree, string directory)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in tree.FileNames(directory))
        {
            files[name] = tree.ReadText($"{directory}/{name}") ?? "";
        }

        return files;
    }
}

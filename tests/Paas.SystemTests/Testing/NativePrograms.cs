namespace Paas.Testing;

/// <summary>The static programs of src/native, as the engine gets them.</summary>
internal static class NativePrograms
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "native");

    /// <summary>Without the one that makes user namespaces the engine finds that the machine has none, as a kernel before 5.19.</summary>
    /// <param name="root">A folder for the others.</param>
    public static string WithoutUserNamespaces(string root)
    {
        var programs = Directory.CreateDirectory(Path.Combine(root, "native")).FullName;
        foreach (var file in Directory.GetFiles(Folder).Where(file => Path.GetFileName(file) != "userns"))
        {
            File.Copy(file, Path.Combine(programs, Path.GetFileName(file)));
        }

        return programs;
    }
}

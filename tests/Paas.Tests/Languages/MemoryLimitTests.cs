namespace Paas.Languages;

/// <summary>How the size of an instance becomes heap sizes and worker counts.</summary>
public sealed class MemoryLimitTests
{
    [Theory]
    [InlineData("memory.max", "536870912", "536870912")]
    [InlineData("memory.max", "max", "")]
    [InlineData("memory/memory.limit_in_bytes", "268435456", "268435456")]
    // Version 1's word for none: the largest multiple of a page.
    [InlineData("memory/memory.limit_in_bytes", "9223372036854771712", "")]
    [InlineData("elsewhere", "1", "")]
    public void Both_versions_of_cgroups_are_read(string file, string text, string limit)
    {
        using var shell = new BuildpackShell("node").With(file, text + "\n");
        var (code, output, error) = shell.Run("sed \"s#/sys/fs/cgroup#$PWD#g\" \"$CNB_BUILDPACK_DIR/lib/memory_limit.sh\" > copy; . ./copy; memory_limit");
        Assert.Equal((0, limit, ""), (code, output.TrimEnd('\n'), error));
    }

    [Theory]
    [InlineData("node", "memory", 512, "NODE_OPTIONS = \"--max-old-space-size=384\"\nWEB_CONCURRENCY = \"1\"\n")]
    [InlineData("node", "memory", 2048, "NODE_OPTIONS = \"--max-old-space-size=1536\"\nWEB_CONCURRENCY = \"4\"\n")]
    [InlineData("node", "memory", 0, "")]
    [InlineData("go", "memory", 512, "GOMEMLIMIT = \"483183819\"\n")]
    [InlineData("go", "memory", 0, "")]
    [InlineData("java", "memory", 512, "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError -Xmx256m\"\n")]
    [InlineData("java", "memory", 1024, "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError -Xmx614m\"\n")]
    [InlineData("java", "memory", 4096, "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError -Xmx3072m\"\n")]
    [InlineData("java", "memory", 0, "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError\"\n")]
    public void An_instance_is_told_by_its_limit(string buildpack, string script, int megabytes, string told) =>
        Assert.Equal(told, ToldTo(buildpack, script, megabytes));

    [Theory]
    [InlineData("node", "NODE_OPTIONS=--max-old-space-size=100", "WEB_CONCURRENCY=3", "")]
    [InlineData("node", "NODE_OPTIONS=--enable-source-maps", "WEB_CONCURRENCY=3", "NODE_OPTIONS = \"--enable-source-maps --max-old-space-size=384\"\n")]
    [InlineData("go", "GOMEMLIMIT=1GiB", "A=1", "")]
    [InlineData("java", "JAVA_TOOL_OPTIONS=-Xmx100m", "A=1", "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError -Xmx100m\"\n")]
    [InlineData("java", "JAVA_OPTS=-Dname=\"a b\"", "A=1", "JAVA_TOOL_OPTIONS = \"-XX:+ExitOnOutOfMemoryError -Xmx256m  -Dname=\\\"a b\\\"\"\n")]
    public void What_the_user_says_wins(string buildpack, string first, string second, string told) =>
        Assert.Equal(told, ToldTo(buildpack, "memory", 512, first, second));

    [Theory]
    [InlineData("python", 256, 1)]
    [InlineData("python", 512, 2)]
    [InlineData("python", 65536, 8)]
    [InlineData("ruby", 512, 1)]
    [InlineData("ruby", 65536, 163)]
    public void Workers_are_counted_by_memory_and_processors(string buildpack, int megabytes, int most)
    {
        var told = ToldTo(buildpack, "limits", megabytes).Split('\n').FirstOrDefault(line => line.StartsWith("WEB_CONCURRENCY", StringComparison.Ordinal));
        var processors = Environment.ProcessorCount;
        var workers = Math.Min(most, buildpack == "ruby" ? processors : (2 * processors) + 1);
        // Puma alone needs no cluster.
        Assert.Equal(buildpack == "ruby" && workers < 2 ? null : $"WEB_CONCURRENCY = \"{workers}\"", told);
    }

    /// <param name="megabytes">0: no limit.</param>
    private static string ToldTo(string buildpack, string script, int megabytes, params string[] variables)
    {
        using var shell = new BuildpackShell(buildpack);
        var limit = megabytes == 0 ? "" : $"echo {(long)megabytes << 20}";
        var (code, output, error) = shell.Run(
            $"add_exec_d \"$CNB_LAYERS_DIR/it\" {script}; printf 'memory_limit() {{ :; {limit}\\n}}\\n' > \"$CNB_LAYERS_DIR/it/memory_limit.sh\"; \"$CNB_LAYERS_DIR/it/exec.d/{script}\" 3>&1",
            variables);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}

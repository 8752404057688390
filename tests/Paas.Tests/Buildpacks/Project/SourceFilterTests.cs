namespace Paas.Buildpacks.Project;

public sealed class SourceFilterTests
{
    [Theory]
    [InlineData("*.md", "README.md docs/a.md", "README.mdx md")]
    [InlineData("spec/", "spec/a spec/b/c x/spec/d", "spec specs/a")]
    [InlineData("/spec", "spec spec/a", "x/spec x/spec/a")]
    [InlineData("./spec", "spec spec/a", "x/spec")]
    [InlineData("a/b", "a/b a/b/c", "x/a/b a/c")]
    [InlineData("**/logs", "logs/x a/b/logs/x", "logsx")]
    [InlineData("logs/**", "logs/x logs/a/b", "logs x/logs/y")]
    [InlineData("a/**/b", "a/b a/x/b a/x/y/b", "a/bx")]
    [InlineData("a?c", "abc x/abc", "ac a/c")]
    [InlineData("[a-c]x", "ax cx", "dx")]
    [InlineData("[!a]x", "bx", "ax /x")]
    [InlineData("[z-a]x", "", "ax zx")]
    [InlineData("[open", "[open", "o")]
    [InlineData("\\!a", "!a", "a")]
    [InlineData("\\#a", "#a", "a")]
    [InlineData("a\\*", "a*", "ab")]
    [InlineData("# nothing", "", "# nothing")]
    [InlineData("", "", "a")]
    [InlineData("*.log\n!keep.log", "a.log x/b.log", "keep.log x/keep.log")]
    [InlineData("!a\na", "a", "b")]
    [InlineData("node_modules", "node_modules/a/b x/node_modules/c", "node_modules2")]
    public void Lines_match_as_in_a_gitignore(string lines, string matching, string others)
    {
        var exclude = new SourceFilter(lines.Split('\n'), keepsMatches: false);
        var include = new SourceFilter(lines.Split('\n'), keepsMatches: true);

        Assert.All(matching.Split(' ', StringSplitOptions.RemoveEmptyEntries), path => Assert.False(exclude.Keeps(path), path));
        Assert.All(matching.Split(' ', StringSplitOptions.RemoveEmptyEntries), path => Assert.True(include.Keeps(path), path));
        Assert.All(others.Split(' ', StringSplitOptions.RemoveEmptyEntries), path => Assert.True(exclude.Keeps(path), path));
    }

    [Fact]
    public void Pruning_deletes_what_does_not_take_part_and_follows_nothing()
    {
        var root = Directory.CreateTempSubdirectory("paas-filter-").FullName;
        try
        {
            var outside = Directory.CreateDirectory(Path.Combine(root, "outside")).FullName;
            var source = Directory.CreateDirectory(Path.Combine(root, "source")).FullName;
            foreach (var path in new[] { "outside/kept.md", "source/app.js", "source/docs/a.md", "source/docs/deep/b.md", "source/lib/c.js" })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
                File.WriteAllText(Path.Combine(root, path), "");
            }

            Directory.CreateDirectory(Path.Combine(source, "empty"));
            Directory.CreateSymbolicLink(Path.Combine(source, "linked"), outside);

            var gone = new SourceFilter(["*.md"], keepsMatches: false).Prune(source);

            Assert.Equal(2, gone);
            Assert.Equal(
                ["app.js", "empty", "lib", "lib/c.js", "linked"],
                Directory.EnumerateFileSystemEntries(source, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
                    .Append(Path.Combine(source, "linked")).Select(path => Path.GetRelativePath(source, path)).Distinct().Order(StringComparer.Ordinal));
            Assert.True(File.Exists(Path.Combine(outside, "kept.md")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}

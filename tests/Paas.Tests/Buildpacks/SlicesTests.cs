namespace Paas.Buildpacks;

public sealed class SlicesTests : IDisposable
{
    private readonly string _workspace = Directory.CreateTempSubdirectory("paas-slices-").FullName;

    public void Dispose() => Directory.Delete(_workspace, recursive: true);

    /// <summary>Slices parted by '|', globs by ' '; what each layer holds, in the same way.</summary>
    [Theory]
    [InlineData("", "a.js b.css node_modules/x/index.js node_modules/y.js")]
    [InlineData("node_modules", "node_modules/x/index.js node_modules/y.js|a.js b.css")]
    [InlineData("node_modules/*", "node_modules/x/index.js node_modules/y.js|a.js b.css")]
    [InlineData("*.js", "a.js|b.css node_modules/x/index.js node_modules/y.js")]
    [InlineData("*/*.js *.css", "b.css node_modules/y.js|a.js node_modules/x/index.js")]
    [InlineData("[ab].js", "a.js|b.css node_modules/x/index.js node_modules/y.js")]
    [InlineData("?.*|node_modules/?", "a.js b.css|node_modules/x/index.js|node_modules/y.js")]
    [InlineData("a.js|a.js", "a.js||b.css node_modules/x/index.js node_modules/y.js")]
    [InlineData("../*", "|a.js b.css node_modules/x/index.js node_modules/y.js")]
    [InlineData("./a.js", "a.js|b.css node_modules/x/index.js node_modules/y.js")]
    public void A_file_goes_into_the_first_slice_that_names_it(string slices, string expected)
    {
        string[] files = ["a.js", "b.css", "node_modules/x/index.js", "node_modules/y.js"];
        foreach (var file in files)
        {
            LifecycleBench.Write(Path.Combine(_workspace, file), "");
        }

        var includes = new Slices(_workspace, [.. slices.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(globs => globs.Split(' '))]).Includes();

        Assert.Equal(expected, string.Join('|', includes.Select(include => string.Join(' ', files.Where(file => include?.Invoke(file) ?? true)))));
    }

    [Fact]
    public void A_link_to_a_directory_outside_is_a_file_of_its_own()
    {
        File.CreateSymbolicLink(Path.Combine(_workspace, "etc"), "/etc");

        var first = new Slices(_workspace, [["etc"]]).Includes().First()!;

        Assert.True(first("etc"));
        Assert.False(first("etc/passwd"));
    }
}

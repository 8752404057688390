using Paas.Buildpacks;

namespace Paas.Builds;

public sealed class BuildpackCatalogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paas-catalog-").FullName;

    public BuildpackCatalogTests() => Write("order.toml", "[[order]]\n[[order.group]]\nid = \"a\"\n");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_system_toml_nothing_stands_around_the_groups() =>
        Assert.Equal(SystemBuildpacks.None, BuildpackCatalog.Read(new BuildsOptions { Buildpacks = _folder }).System);

    [Fact]
    public void A_system_toml_beside_the_order_is_read()
    {
        Write("system.toml", "[[pre.buildpacks]]\nid = \"certs\"\n");

        Assert.Equal(["certs"], BuildpackCatalog.Read(new BuildsOptions { Buildpacks = _folder }).System.Pre.Select(entry => entry.Id));
    }

    [Theory]
    [InlineData("order.toml", "order = 1", "line 1, column 1: 'order' must be an array of tables.")]
    [InlineData("system.toml", "[pre", "line 1, column 5: expected ']'")]
    public void A_file_that_cannot_be_read_is_named_with_line_and_column(string name, string toml, string problem)
    {
        Write(name, toml);

        var failure = Assert.Throws<BuildFailureException>(() => BuildpackCatalog.Read(new BuildsOptions { Buildpacks = _folder }));

        Assert.Equal(("buildpack_invalid", $"{Path.Combine(_folder, name)} cannot be read: {problem}"), (failure.Code, failure.Message));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}

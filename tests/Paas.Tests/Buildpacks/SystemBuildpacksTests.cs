namespace Paas.Buildpacks;

public sealed class SystemBuildpacksTests
{
    [Fact]
    public void A_system_toml_lists_what_stands_before_and_after()
    {
        var system = SystemBuildpacks.Parse("[[pre.buildpacks]]\nid = \"certs\"\nversion = \"1\"\n[[post.buildpacks]]\nid = \"audit\"\n");

        Assert.Equal([new OrderEntry("certs", "1")], system.Pre);
        Assert.Equal([new OrderEntry("audit")], system.Post);
    }

    [Fact]
    public void A_group_that_names_one_itself_keeps_its_own()
    {
        var system = SystemBuildpacks.Parse("[[pre.buildpacks]]\nid = \"certs\"\nversion = \"1\"\n[[post.buildpacks]]\nid = \"audit\"\n");
        var order = new Order([new OrderGroup([new OrderEntry("node"), new OrderEntry("certs", "2", Optional: true)]), new OrderGroup([])]);

        var around = system.Around(order);

        Assert.Equal([new OrderEntry("node"), new OrderEntry("certs", "2", Optional: true), new OrderEntry("audit")], around.Groups[0].Entries);
        Assert.Equal([new OrderEntry("certs", "1"), new OrderEntry("audit")], around.Groups[1].Entries);
    }

    [Fact]
    public void An_entry_without_an_id_is_told() =>
        Assert.Equal(
            "line 1, column 3: A buildpack of system.toml has no id.",
            Assert.Throws<FormatException>(() => SystemBuildpacks.Parse("[[pre.buildpacks]]\nversion = \"1\"")).Message);
}

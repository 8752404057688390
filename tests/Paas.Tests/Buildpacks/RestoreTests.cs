using Paas.Oci;

namespace Paas.Buildpacks;

public sealed class RestoreTests
{
    private static readonly DiffId Contents = new(Digest.Of("contents"u8));

    private static readonly Buildpack Node = new()
    {
        Id = "paas/node",
        Version = "2",
        Api = new BuildpackApi(0, 10),
        Directory = "/nowhere",
        Inside = "/cnb/buildpacks/paas_node/2",
    };

    [Theory]
    [InlineData(false, false, false, false, false)]
    [InlineData(false, false, true, true, false)]
    [InlineData(false, true, false, true, true)]
    [InlineData(false, true, true, true, true)]
    [InlineData(true, false, false, false, false)]
    [InlineData(true, false, true, false, false)]
    [InlineData(true, true, false, true, true)]
    [InlineData(true, true, true, true, true)]
    public void The_flags_decide_what_comes_back(bool build, bool cache, bool launch, bool toml, bool contents)
    {
        var plan = Restore.Decide([Node], Previous(new LayerFlags(build, launch, cache)), _ => true);

        Assert.Equal(toml ? [new RestoredToml("paas_node", "modules", "[metadata]\nsum = \"1\"\n")] : [], plan.Tomls);
        Assert.Equal(contents ? [new RestoredContents("paas_node", "modules", Contents)] : [], plan.Contents);
        Assert.Empty(plan.Warnings);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void A_layer_that_is_gone_comes_back_neither_way_and_is_told(bool launch, bool cache)
    {
        var plan = Restore.Decide([Node], Previous(new LayerFlags(false, launch, cache)), _ => false);

        Assert.Empty(plan.Tomls);
        Assert.Empty(plan.Contents);
        Assert.Equal(["Layer modules of paas/node is no longer in the cache and will be made anew."], plan.Warnings);
    }

    [Fact]
    public void The_store_comes_back_whatever_the_version() =>
        Assert.Equal("[metadata]\nseen = true\n", Restore.Decide([Node], Previous(default), _ => true).Stores["paas/node"]);

    [Fact]
    public void Nothing_comes_back_for_another_buildpack() =>
        Assert.Empty(Restore.Decide([Node with { Id = "paas/static" }], Previous(new LayerFlags(true, true, true)), _ => true).Contents);

    [Fact]
    public void Nothing_comes_back_without_a_build_before() =>
        Assert.Empty(Restore.Decide([Node], null, _ => true).Tomls);

    [Fact]
    public void What_is_kept_for_the_next_build_survives_its_json()
    {
        var previous = Previous(new LayerFlags(true, false, true));

        var read = PreviousBuild.FromJson(previous.ToJson());

        Assert.Equal(previous.ToJson(), read!.ToJson());
        Assert.Equal(new LayerFlags(true, false, true), read.Buildpacks[0].Layers[0].Flags);
        Assert.Equal(Contents, read.Layers.Single().DiffId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"Image\":\"sha256:short\",\"Buildpacks\":[]}")]
    public void Damaged_json_means_a_cold_build(string json) =>
        Assert.Null(PreviousBuild.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));

    private static PreviousBuild Previous(LayerFlags flags) => new()
    {
        Image = Digest.Of("image"u8),
        Buildpacks =
        [
            new PreviousBuildpack("paas/node", "1", "[metadata]\nseen = true\n",
            [
                new PreviousLayer("modules", flags, "[metadata]\nsum = \"1\"\n",
                    Contents, new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = Digest.Of("blob"u8), Size = 4 }),
            ]),
        ],
    };
}

using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

public sealed class PlanResolverTests
{
    /// <summary>A group is written "a+x-y": buildpack a provides x and requires y; "|" parts alternatives, "?" makes it optional.
    /// The answer lists the group that stays and the plan's entries as name:providers:number of requires.</summary>
    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("a b", "a b", "")]
    [InlineData("a? b?", "a b", "")]
    // provide and require meet
    [InlineData("a+x-x", "a", "x:a:1")]
    [InlineData("a+x b-x", "a b", "x:a:1")]
    [InlineData("a+x b-x c-x", "a b c", "x:a:2")]
    [InlineData("a+x b+x c-x", "a b c", "x:a,b:1")]
    [InlineData("a+x-x b+x-x", "a b", "x:a,b:2")]
    [InlineData("a+x+y b-x c-y", "a b c", "x:a:1 y:a:1")]
    [InlineData("a+x b-x+y c-y", "a b c", "x:a:1 y:b:1")]
    [InlineData("a+x b-x-x", "a b", "x:a:2")]
    // they do not
    [InlineData("a+x", null, null)]
    [InlineData("a-x", null, null)]
    [InlineData("a-x b+x", null, null)]
    [InlineData("a-x b+x-x", null, null)]
    [InlineData("a+x b+y-x", null, null)]
    [InlineData("a+x-x b+x", null, null)]
    [InlineData("a b-x", null, null)]
    [InlineData("a+x b-y", null, null)]
    // optional ones go
    [InlineData("a b-x?", "a", "")]
    [InlineData("a+x? b", "b", "")]
    [InlineData("a+x? b-x", "a b", "x:a:1")]
    [InlineData("a b-x? c-x?", "a", "")]
    [InlineData("a-x? b+x-x", "b", "x:b:1")]
    [InlineData("a+x-x b+x?", "a", "x:a:1")]
    [InlineData("a+x? b-x-y? c", "c", "")]
    [InlineData("a+x? b-x+y? c-y+z? d", "d", "")]
    [InlineData("a-x?", null, null)]
    [InlineData("a+x? b-x?", "a b", "x:a:1")]
    [InlineData("a+x? b-y?", null, null)]
    [InlineData("a+x b-x? c-y?", "a b", "x:a:1")]
    [InlineData("a+x b-x-y?", null, null)]
    // alternatives
    [InlineData("a+x|+y b-y", "a b", "y:a:1")]
    [InlineData("a+x|+y b-x|-y", "a b", "x:a:1")]
    [InlineData("a+x|+y b-z|-y", "a b", "y:a:1")]
    [InlineData("a+x| b", "a b", "")]
    [InlineData("a|+x b", "a b", "")]
    [InlineData("a+x|+y b-z", null, null)]
    [InlineData("a+x-x|+y-y b-y|", "a b", "x:a:1")]
    [InlineData("a+x|+y|+z b-z", "a b", "z:a:1")]
    // an optional one is dropped only in its last alternative
    [InlineData("a-x|-y? b", "b", "")]
    [InlineData("a+x|+y? b-y", "a b", "y:a:1")]
    [InlineData("a+x b-y|-x?", "a b", "x:a:1")]
    [InlineData("a b-x|?", "a b", "")]
    public void Finds_the_first_combination_that_works(string group, string? members, string? entries)
    {
        var resolved = PlanResolver.Resolve([.. group.Split(' ').Select(ReadCandidate)]);

        Assert.Equal(members, resolved is null ? null : string.Join(' ', resolved.Members));
        Assert.Equal(entries, resolved is null ? null : string.Join(' ', resolved.Plan.Entries.Select(entry =>
            $"{entry.Name}:{string.Join(',', entry.Providers)}:{entry.Requires.Count}")));
    }

    [Fact]
    public void Metadata_of_each_require_is_kept_in_the_order_of_the_group()
    {
        PlanCandidate Asking(string id, string version) =>
            new(id, false, [new PlanSections([], [new Require("node", new TomlTable { ["version"] = version })])]);

        var resolved = PlanResolver.Resolve([new PlanCandidate("node", false, [new PlanSections(["node"], [])]), Asking("npm", "22"), Asking("start", "24")]);

        Assert.Equal(["22", "24"], resolved!.Plan.Entries.Single().Requires.Select(require => require.Metadata.Text("version")));
    }

    private static PlanCandidate ReadCandidate(string text) =>
        new(text[..1], text.EndsWith('?'), [.. text[1..].TrimEnd('?').Split('|').Select(ReadSections)]);

    private static PlanSections ReadSections(string text)
    {
        List<string> provides = [];
        List<Require> requires = [];
        for (var i = 0; i < text.Length; i += 2)
        {
            if (text[i] == '+')
            {
                provides.Add(text[i + 1].ToString());
            }
            else
            {
                requires.Add(new Require(text[i + 1].ToString(), new TomlTable()));
            }
        }

        return new PlanSections(provides, requires);
    }
}

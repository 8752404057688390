using System.Text;

namespace Paas.Buildpacks;

/// <summary>Which group builds, as a table: what each buildpack answers, the order, and who is chosen or how it ends. The cases are the
/// reference lifecycle's detector_test and more, in words of our own.</summary>
public sealed class ResolverTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("paas-resolver-").FullName;
    private readonly List<string> _asked = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <param name="buildpacks">"a" passes, "a=100" says no, "a=3" breaks, "a+x-y" provides x and requires y, "|" parts alternatives,
    /// "a@windows" and "a@linux/debian:12" are its targets, "a!test" its execution environment, "e(a,b?/c)" a composite of two groups.</param>
    /// <param name="order">Groups parted by "|", "?" behind an optional member, "!test" behind one for an execution environment.</param>
    /// <param name="expected">The group, or the exit code with the buildpack at fault.</param>
    /// <param name="plan">Entries as name:providers:number of requires.</param>
    [Theory]
    // one group
    [InlineData("a", "a", "a")]
    [InlineData("a b c", "c a b", "c a b")]
    [InlineData("a=100", "a", "20")]
    [InlineData("a b=100", "a b", "20")]
    [InlineData("a b=100", "a b?", "a")]
    [InlineData("a=100 b=100", "a? b?", "20")]
    [InlineData("a=100 b", "a? b?", "b")]
    [InlineData("a b", "a? b?", "a b")]
    [InlineData("a=3", "a", "21 a")]
    [InlineData("a b=127", "a b", "21 b")]
    [InlineData("a=3 b=4", "a b", "21 a")]
    [InlineData("a=3 b", "a? b", "b")]
    [InlineData("a=3", "a?", "20")]
    [InlineData("a=3 b=100", "a? b", "21 a")]
    [InlineData("", "", "20")]
    // several groups: the first that passes
    [InlineData("a b", "a | b", "a")]
    [InlineData("a=100 b", "a | b", "b")]
    [InlineData("a=3 b", "a | b", "b")]
    [InlineData("a=3 b=100", "a | b", "21 a")]
    [InlineData("a=100 b=3", "a | b", "21 b")]
    [InlineData("a=100 b=100 c", "a c | b c | c", "c")]
    [InlineData("a=100 b", " | a | b", "b")]
    // a group where all is well but the plan
    [InlineData("a+x b", "a | b", "b")]
    [InlineData("a-x b=3", "a b? | a", "20")]
    [InlineData("a+x b-y c-x", "a b | a c", "a c", "x:a:1")]
    // the same id takes part once, where it comes first
    [InlineData("a b", "a b a", "a b")]
    [InlineData("a=100 b", "a? b a", "b")]
    [InlineData("a=100 b", "a b a?", "20")]
    [InlineData("a b e(a,b)", "a e", "a b")]
    [InlineData("b=100 e(b?,c) c", "e b", "c")]
    // composites
    [InlineData("e(a) a", "e", "a")]
    [InlineData("e(a,b) a b c", "c e", "c a b")]
    [InlineData("e(a/b) a=100 b", "e", "b")]
    [InlineData("e(a/b) a b=100 c", "e c", "a c")]
    [InlineData("e(a/b) a=100 b=100", "e", "20")]
    [InlineData("e(a/b) a=100 b=3", "e", "21 b")]
    [InlineData("e(a/b) a=100 b=100 c", "e? c", "c")]
    [InlineData("e(a/b) a=100 b c", "e? c", "b c")]
    [InlineData("e(a,b?) a b=100", "e", "a")]
    [InlineData("e(a,f,b) f(c/g?/d) g(h,i/j,k) a b c=100 h=100 i j=100 k d", "e", "a b")]
    [InlineData("e(a,f,b) f(c/g/d) g(h,i/j,k) a b c=100 h=100 i j=100 k d", "e", "a d b")]
    [InlineData("e(a,f,b) f(c/g/d) g(h,i/j,k) a b c=100 h=100 i j k d", "e", "a j k b")]
    [InlineData("e(f) f(g) g(a) a", "e", "a")]
    [InlineData("e(a/b) f(c/d) a b=100 c=100 d", "e f", "a d")]
    [InlineData("e(a/b) a=100 b c=100 d", "e c | e d", "b d")]
    [InlineData("e(a/b) a+x b+y c-y", "e c", "b c", "y:b:1")]
    [InlineData("e(a/b) f(c/d) a+x b+y c-z d-y", "e f", "b d", "y:b:1")]
    // the plan across a group
    [InlineData("a+x b-x", "a b", "a b", "x:a:1")]
    [InlineData("a-x b+x", "a b", "20")]
    [InlineData("a+x-x", "a", "a", "x:a:1")]
    [InlineData("a+x b=100", "a b?", "20")]
    [InlineData("a+x b-x=100 c", "a? b? c", "c")]
    [InlineData("a+x b-x c-y", "a b c?", "a b", "x:a:1")]
    [InlineData("a+x b+x-x c-x", "a b c", "a b c", "x:a,b:2")]
    [InlineData("a+x|+y b-y", "a b", "a b", "y:a:1")]
    [InlineData("a+x|+y b-z|-y", "a b", "a b", "y:a:1")]
    [InlineData("a+x+y|+x b-x", "a b", "a b", "x:a:1")]
    [InlineData("a-p|-q b+p|+q c-p|-q", "b? a? c", "b a c", "p:b:2")]
    [InlineData("a+x| b", "a b", "a b")]
    // targets (the run image is linux, amd64, debian 13)
    [InlineData("a@linux", "a", "a")]
    [InlineData("a@windows", "a", "21 a")]
    [InlineData("a@windows b", "a? b", "b")]
    [InlineData("a@windows b", "a | b", "b")]
    [InlineData("a@linux/debian:13", "a", "a")]
    [InlineData("a@linux/debian:12", "a", "21 a")]
    [InlineData("a@linux/debian:", "a", "a")]
    [InlineData("a@/ubuntu:24.04", "a", "21 a")]
    [InlineData("a@windows@linux", "a", "a")]
    [InlineData("e(a/b) a@windows b", "e", "b")]
    // execution environments: whoever is for another one is as if it were not named
    [InlineData("a!production", "a", "a")]
    [InlineData("a!*", "a", "a")]
    [InlineData("a!test b", "a b", "b")]
    [InlineData("a!test b", "a? b", "b")]
    [InlineData("a!test", "a", "20")]
    [InlineData("a!test b", "a | b", "b")]
    [InlineData("a!test+x b-x", "a b", "20")]
    [InlineData("a b", "a!test b", "b")]
    [InlineData("a b", "a!production b", "a b")]
    public async Task The_group_is(string buildpacks, string order, string expected, string plan = "") => await CheckAsync(buildpacks, order, expected, plan);

    [Theory]
    [InlineData("a b p q", "p", "q", "a | b", "p a q")]
    [InlineData("a=100 b p q", "p", "q", "a | b", "p b q")]
    [InlineData("a b p", "p", "", "a p b", "a p b")]
    [InlineData("a p=100", "p", "", "a", "20")]
    [InlineData("a p+x", "p", "", "a", "20")]
    [InlineData("a-x p+x", "p", "", "a", "p a", "x:p:1")]
    [InlineData("a p(q,r) q r", "p", "", "a", "q r a")]
    [InlineData("a e(a,q) q", "", "q", "e", "a q")]
    public async Task System_buildpacks_stand_around_every_group(string buildpacks, string pre, string post, string order, string expected, string plan = "") =>
        await CheckAsync(buildpacks, order, expected, plan, new SystemBuildpacks(Entries(pre), Entries(post)));

    [Fact]
    public async Task Answers_come_in_the_groups_order_whoever_answers_first()
    {
        var slow = new TaskCompletionSource();
        var buildpacks = ReadBuildpacks("a=3 b=4 c", out _);
        List<string> lines = [];
        async Task<int> RunAsync(SandboxCommand command, CancellationToken token)
        {
            var id = command.Args[0].Split('/')[1];
            command.Line($"{id} says why");
            if (id == "a")
            {
                // The others are asked although this one does not answer.
                await slow.Task.WaitAsync(token);
            }
            else if (id == "b")
            {
                slow.SetResult();
            }

            return id is "c" ? 0 : 3;
        }

        var failure = await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() =>
            new Detect(Run(RunAsync), Target, lines.Add).RunAsync(buildpacks, LifecycleBench.Order("a b c"), TestContext.Current.CancellationToken));

        Assert.Equal(["a says why", "b says why"], lines);
        Assert.Equal(["a", "b", "c"], failure.Tried.Select(verdict => verdict.Buildpack));
        Assert.Equal("a", failure.Buildpack);
    }

    [Fact]
    public async Task Each_version_of_a_buildpack_is_asked_once()
    {
        var buildpacks = ReadBuildpacks("a=100 b c", out var plans);
        buildpacks.Add(buildpacks[0] with { Version = "2", Inside = "/a/2" });
        var order = new Order([Group(("a", "1"), ("b", "1")), Group(("a", "2"), ("b", "1")), Group(("a", "1"), ("c", "1"))]);

        await Assert.ThrowsAsync<LifecycleFailure.NoGroupPassed>(() =>
            new Detect(Run(Answer(plans)), Target, _ => { }).RunAsync(buildpacks, order, TestContext.Current.CancellationToken));

        Assert.Equal(["/a/1", "/a/2", "/b/1", "/c/1"], _asked.Order(StringComparer.Ordinal));

        static OrderGroup Group(params (string Id, string Version)[] members) => new([.. members.Select(member => new OrderEntry(member.Id, member.Version))]);
    }

    private static Target Target => new("linux", "amd64", null, "debian", "13");

    private async Task CheckAsync(string buildpacks, string order, string expected, string plan, SystemBuildpacks? system = null)
    {
        var all = ReadBuildpacks(buildpacks, out var plans);
        var detect = new Detect(Run(Answer(plans)), Target, _ => { });
        string actual;
        var entries = "";
        try
        {
            var result = await detect.RunAsync(all, (system ?? SystemBuildpacks.None).Around(ReadOrder(order, '|', ' ')), TestContext.Current.CancellationToken);
            actual = string.Join(' ', result.Group.Select(buildpack => buildpack.Id));
            entries = string.Join(' ', result.Plan.Entries.Select(entry => $"{entry.Name}:{string.Join(',', entry.Providers)}:{entry.Requires.Count}"));
        }
        catch (LifecycleFailure failure)
        {
            actual = $"{failure.ExitCode} {failure.Buildpack}".TrimEnd();
        }

        Assert.Equal((expected, plan), (actual, entries));
        Assert.Equal(_asked.Distinct().Count(), _asked.Count);
    }

    private BuildpackRun Run(RunInSandbox run)
    {
        var dirs = new LifecycleDirs { Workspace = _root, Layers = _root, Platform = _root, Scratch = Path.Combine(_root, "scratch") };
        using var bench = new LifecycleBench();
        return new BuildpackRun(dirs, bench.Analysis, run);
    }

    private RunInSandbox Answer(Dictionary<string, (int ExitCode, string Plan)> plans) => async (command, token) =>
    {
        var directory = command.Args[0][..^"/bin/detect".Length];
        lock (_asked)
        {
            _asked.Add(directory);
        }

        var (exitCode, plan) = plans[directory.Split('/')[1]];
        await File.WriteAllTextAsync(command.Args[2].Replace(LifecycleDirs.ScratchInside, Path.Combine(_root, "scratch"), StringComparison.Ordinal), plan, token);
        return exitCode;
    };

    private static List<Buildpack> ReadBuildpacks(string text, out Dictionary<string, (int ExitCode, string Plan)> plans)
    {
        List<Buildpack> buildpacks = [];
        plans = [];
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var id = word[..1];
            plans[id] = (word.Split('=') is [_, var code] ? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : 0, Plan(word));
            buildpacks.Add(new Buildpack
            {
                Id = id,
                Version = "1",
                Api = new BuildpackApi(0, 12),
                Directory = "/nowhere",
                Inside = $"/{id}/1",
                Order = word[1..].StartsWith('(') ? ReadOrder(word[2..^1], '/', ',') : null,
                Targets = [.. Parts(word, '@').Select(ReadTarget)],
                ExecEnv = Parts(word, '!'),
            });
        }

        return buildpacks;
    }

    private static string[] Parts(string word, char mark) => [.. word.Split(mark).Skip(1).Select(part => new string([.. part.TakeWhile(c => !"@!+-|=".Contains(c, StringComparison.Ordinal))]))];

    private static BuildpackTarget ReadTarget(string text)
    {
        var (os, distribution) = text.Split('/') is [var before, var after] ? (before, after.Split(':')) : (text, null);
        return new BuildpackTarget(os, null, null, distribution is null ? [] : [(distribution[0], distribution[1])]);
    }

    private static string Plan(string word)
    {
        var text = new StringBuilder();
        var array = "";
        for (var i = 1; i < word.Length - 1 && word[i] != '('; i++)
        {
            array = word[i] == '|' ? "or." : array;
            text.Append(word[i] switch
            {
                '|' => "[[or]]\n",
                '+' => $"[[{array}provides]]\nname = \"{word[i + 1]}\"\n",
                '-' => $"[[{array}requires]]\nname = \"{word[i + 1]}\"\n",
                _ => "",
            });
        }

        return word.EndsWith('|') ? text.Append("[[or]]\n").ToString() : text.ToString();
    }

    private static Order ReadOrder(string text, char betweenGroups, char betweenMembers) => new(
    [
        .. text.Split(betweenGroups).Select(group => new OrderGroup(
            [.. group.Split(betweenMembers, StringSplitOptions.RemoveEmptyEntries).Select(word => new OrderEntry(word[..1], null, word.EndsWith('?')) { ExecEnv = Parts(word, '!') })])),
    ]);

    private static OrderEntry[] Entries(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => new OrderEntry(id))];
}

using System.Collections.Immutable;

namespace Paas.Buildpacks;

/// <summary>Turns an order with composite buildpacks into flat groups, in the order of trial (CNB platform spec 0.15, "Order Resolution").
/// A composite stands for each of its groups in turn, an optional one at last for none; a buildpack takes part once, where it comes first.</summary>
internal sealed class OrderResolver(IReadOnlyList<Buildpack> buildpacks)
{
    /// <summary>Composites within composites, and composites in one group.</summary>
    private const int MaxNesting = 16, MaxComposites = 200;

    /// <summary>A few composites can stand for more groups than anybody could try: whoever wrote them gets a sentence instead of a build without end.</summary>
    private const int MaxSteps = 100_000;

    private int _steps;

    /// <summary>Lazily: orders can multiply, and the first group that passes ends the search.</summary>
    /// <exception cref="LifecycleFailure.InvalidBuildpack">An entry names no buildpack that is here, or the order has no end.</exception>
    public IEnumerable<IReadOnlyList<GroupMember>> Resolve(Order order) =>
        order.Groups.SelectMany(group => Expand(Before(null, group, 0), [], 0));

    /// <param name="entry">What is still to be looked at.</param>
    /// <param name="done">Who takes part so far.</param>
    /// <param name="composites">How many stand on the way here.</param>
    private IEnumerable<IReadOnlyList<GroupMember>> Expand(Entry? entry, ImmutableList<GroupMember> done, int composites)
    {
        for (; entry is not null; entry = entry.Next)
        {
            var buildpack = Find(entry.Value);
            if (buildpack.Order is { } order)
            {
                Check(buildpack, entry.Nesting, composites);
                var next = entry;
                var inside = order.Groups.SelectMany(group => Expand(Before(next.Next, group, next.Nesting + 1), done, composites + 1));
                foreach (var group in next.Value.Optional ? inside.Concat(Expand(next.Next, done, composites + 1)) : inside)
                {
                    yield return group;
                }

                yield break;
            }

            Check(buildpack, 0, 0);
            if (done.All(member => member.Buildpack.Id != buildpack.Id))
            {
                done = done.Add(new GroupMember(buildpack, entry.Value.Optional));
            }
        }

        yield return done;
    }

    private void Check(Buildpack buildpack, int nesting, int composites)
    {
        if (nesting >= MaxNesting)
        {
            throw new LifecycleFailure.InvalidBuildpack(buildpack.Id, "its order contains itself.");
        }

        if (++_steps > MaxSteps || composites >= MaxComposites)
        {
            throw new LifecycleFailure.InvalidBuildpack(buildpack.Id, "the orders of buildpacks that consist of others come to too many groups to try.");
        }
    }

    /// <summary>A group's entries in front of what follows it.</summary>
    private static Entry? Before(Entry? rest, OrderGroup group, int nesting)
    {
        foreach (var entry in group.Entries.Reverse().Where(entry => ExecEnv.IsOneOf(entry.ExecEnv)))
        {
            rest = new Entry(entry, nesting, rest);
        }

        return rest;
    }

    private Buildpack Find(OrderEntry entry) =>
        buildpacks.LastOrDefault(buildpack => buildpack.Id == entry.Id && (entry.Version is null || buildpack.Version == entry.Version))
        ?? throw new LifecycleFailure.InvalidBuildpack(entry.Id, $"the order names version {entry.Version ?? "(any)"}, which is not installed.");

    private sealed record Entry(OrderEntry Value, int Nesting, Entry? Next);
}

/// <param name="Buildpack">One that is no composite.</param>
/// <param name="Optional">The group also passes without it.</param>
internal sealed record GroupMember(Buildpack Buildpack, bool Optional);

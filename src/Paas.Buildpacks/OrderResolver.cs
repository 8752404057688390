namespace Paas.Buildpacks;

/// <summary>Turns an order with composite buildpacks into flat groups, in the order of trial (CNB platform spec 0.15, "Order Resolution").</summary>
internal sealed class OrderResolver(IReadOnlyList<Buildpack> buildpacks)
{
    private const int MaxNesting = 16;

    /// <summary>Lazily: orders can multiply, and the first group that passes ends the search.</summary>
    /// <exception cref="LifecycleFailure.InvalidBuildpack">An entry names no buildpack that is here.</exception>
    public IEnumerable<IReadOnlyList<GroupMember>> Resolve(Order order) =>
        order.Groups.SelectMany(group => Expand(ForHere(group), 0)).Select(WithoutRepeats);

    private IEnumerable<IReadOnlyList<GroupMember>> Expand(IReadOnlyList<OrderEntry> entries, int nesting)
    {
        if (entries.Count == 0)
        {
            return [[]];
        }

        var first = entries[0];
        OrderEntry[] rest = [.. entries.Skip(1)];
        var buildpack = Find(first);
        if (buildpack.Order is null)
        {
            return Expand(rest, nesting).Select(IReadOnlyList<GroupMember> (tail) => [new GroupMember(buildpack, first.Optional), .. tail]);
        }

        if (nesting == MaxNesting)
        {
            throw new LifecycleFailure.InvalidBuildpack(first.Id, "its order contains itself.");
        }

        var inside = buildpack.Order.Groups.SelectMany(group =>
            Expand(ForHere(group), nesting + 1).SelectMany(head =>
                Expand(rest, nesting).Select(IReadOnlyList<GroupMember> (tail) => [.. head, .. tail])));
        return first.Optional ? inside.Concat(Expand(rest, nesting)) : inside;
    }

    private static IReadOnlyList<OrderEntry> ForHere(OrderGroup group) => [.. group.Entries.Where(entry => ExecEnv.IsOneOf(entry.ExecEnv))];

    private Buildpack Find(OrderEntry entry) =>
        buildpacks.LastOrDefault(buildpack => buildpack.Id == entry.Id && (entry.Version is null || buildpack.Version == entry.Version))
        ?? throw new LifecycleFailure.InvalidBuildpack(entry.Id, $"the order names version {entry.Version ?? "(any)"}, which is not installed.");

    /// <summary>A buildpack takes part once: where it comes first.</summary>
    private static IReadOnlyList<GroupMember> WithoutRepeats(IReadOnlyList<GroupMember> group) =>
        [.. group.DistinctBy(member => member.Buildpack.Id)];
}

/// <param name="Buildpack">One that is no composite.</param>
/// <param name="Optional">The group also passes without it.</param>
internal sealed record GroupMember(Buildpack Buildpack, bool Optional);

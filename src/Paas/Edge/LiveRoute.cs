namespace Paas.Edge;

/// <summary>One app of the current table, ready to choose from.</summary>
/// <param name="Sentence">Said with the 503 when <paramref name="Endpoints"/> is empty.</param>
/// <param name="Requests">Lives across tables, and is one for all hosts of the app.</param>
internal sealed record LiveRoute(string App, Endpoint[] Endpoints, string? Sentence, RequestCounter Requests)
{
    /// <summary>The less busy of two picked at random ("power of two choices", Mitzenmacher 2001); null: there is none.</summary>
    /// <param name="not">Was tried already for this request.</param>
    public Endpoint? Choose(Endpoint? not)
    {
        if (Endpoints is [var only])
        {
            return ReferenceEquals(only, not) ? null : only;
        }

        var candidates = Endpoints;
        if (not is not null || Array.Exists(candidates, static endpoint => endpoint.Avoided))
        {
            candidates = Array.FindAll(Endpoints, endpoint => !ReferenceEquals(endpoint, not) && !endpoint.Avoided);
            if (candidates.Length == 0)
            {
                candidates = Array.FindAll(Endpoints, endpoint => !ReferenceEquals(endpoint, not));
            }
        }

        return candidates switch
        {
            [] => null,
            [var last] => last,
            _ => LessBusy(candidates),
        };
    }

    private static Endpoint LessBusy(Endpoint[] candidates)
    {
        var first = Random.Shared.Next(candidates.Length);
        var second = (first + 1 + Random.Shared.Next(candidates.Length - 1)) % candidates.Length;
        return candidates[first].InFlight <= candidates[second].InFlight ? candidates[first] : candidates[second];
    }
}

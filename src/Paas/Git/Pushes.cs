using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Paas.Accounts;
using Paas.Apps;

namespace Paas.Git;

/// <summary>The pushes under way, by id: how a hook that connects finds the push it belongs to.</summary>
internal sealed class Pushes
{
    private readonly ConcurrentDictionary<string, Push> _pushes = new(StringComparer.Ordinal);

    public Push Open(App app, Caller caller, CancellationToken clientGone)
    {
        var push = new Push(RandomNumberGenerator.GetHexString(32, lowercase: true), app, caller, clientGone);
        _pushes[push.Id] = push;
        return push;
    }

    public bool TryFind(string id, [NotNullWhen(true)] out Push? push) => _pushes.TryGetValue(id, out push);

    public void Remove(Push push) => _pushes.TryRemove(push.Id, out _);
}

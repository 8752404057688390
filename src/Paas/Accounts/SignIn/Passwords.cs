using Dapper;
using Microsoft.AspNetCore.Identity;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>Passwords of one's own, hashed as ASP.NET Core Identity does (PBKDF2 with HMAC-SHA512 and a salt).</summary>
internal sealed class Passwords(Database database, SignInLimits limits, TimeProvider time) : IDisposable
{
    public const int Shortest = 12;
    public const int Longest = 200;

    /// <summary>Hashing takes tens of milliseconds of a core: strangers get no more than this many at once.</summary>
    private readonly SemaphoreSlim _hashing = new(2);

    private readonly PasswordHasher<Caller> _hasher = new();
    private readonly Lazy<string> _nobodys = new(() => new PasswordHasher<Caller>().HashPassword(null!, Secret.Next()));

    public void Dispose() => _hashing.Dispose();

    public bool Has(long userId)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM passwords WHERE user_id = @userId)", new { userId }) == 1;
    }

    /// <exception cref="UserError">password_short, password_long or password_weak.</exception>
    public async Task SetAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        Check(caller.Name, password);
        var hash = await HashAsync(() => _hasher.HashPassword(caller, password), cancellationToken);
        using var transaction = database.Begin();
        transaction.Execute(
            "INSERT INTO passwords(user_id, team_id, hash, set_at) VALUES (@UserId, @TeamId, @hash, @now) ON CONFLICT(user_id) DO UPDATE SET hash = @hash, set_at = @now",
            new { caller.UserId, caller.TeamId, hash, now = time.GetUtcNow() });
        transaction.Commit();
        limits.Renewed(caller.Name);
    }

    /// <summary>Whose name and password these are. An unknown name, or one without a password, takes as long as a wrong password.</summary>
    /// <param name="address">Of whoever tries; see <see cref="SignInLimits"/>.</param>
    public async Task<PasswordTry> TryAsync(string name, string password, string address, CancellationToken cancellationToken)
    {
        if (limits.Begin(name, address) is { } until)
        {
            return new PasswordTry(null, until);
        }

        var row = Find(name);
        var tried = password.Length <= Longest ? password : "";
        var fits = await HashAsync(() => _hasher.VerifyHashedPassword(null!, row?.Hash ?? _nobodys.Value, tried) != PasswordVerificationResult.Failed, cancellationToken);
        if (!fits || row is null)
        {
            return new PasswordTry(null, null);
        }

        limits.Succeeded(name, address);
        return new PasswordTry(row.UserId, null);
    }

    private Row? Find(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>("SELECT user_id, hash FROM passwords JOIN users ON users.id = user_id WHERE users.name = @name", new { name });
    }

    private async Task<T> HashAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _hashing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _hashing.Release();
        }
    }

    private static void Check(string userName, string password)
    {
        if (password.Length < Shortest)
        {
            throw new UserError("password_short", 400, $"A password has at least {Shortest} characters: choose a longer one. Four words in a row are easy to remember.");
        }

        if (password.Length > Longest)
        {
            throw new UserError("password_long", 400, $"A password has at most {Longest} characters: choose a shorter one.");
        }

        if (password.Replace(userName, "", StringComparison.OrdinalIgnoreCase).Distinct().Count() < 5)
        {
            throw new UserError("password_weak", 400, "That password is easy to guess: it is hardly more than your user name, or a few characters over and over. Choose another one.");
        }
    }

    private sealed class Row
    {
        public long UserId { get; init; }

        public string Hash { get; init; } = "";
    }
}

/// <param name="UserId">Null: wrong, or not looked at.</param>
/// <param name="LockedUntil">Until then no password is taken, right or wrong; null: it was looked at.</param>
internal readonly record struct PasswordTry(long? UserId, DateTimeOffset? LockedUntil);

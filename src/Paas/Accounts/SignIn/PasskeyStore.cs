using System.Globalization;
using Dapper;
using Microsoft.AspNetCore.Identity;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>Passkeys in the database, as Identity's passkey handler asks for them; users are only looked up here.</summary>
internal sealed class PasskeyStore(Database database, TimeProvider time) : IUserPasskeyStore<PasskeyUser>
{
    private const string Columns = "id, credential_id, public_key, name, sign_count, transports, user_verified, backup_eligible, backed_up, created_at, last_used_at";

    public IReadOnlyList<PasskeyRow> List(long userId)
    {
        using var connection = database.Open();
        return connection.Query<PasskeyRow>($"SELECT {Columns} FROM passkeys WHERE user_id = @userId ORDER BY id", new { userId }).AsList();
    }

    /// <summary>The name of the passkey that is gone now; null when the user has none of that number.</summary>
    public string? Remove(long userId, long id)
    {
        using var transaction = database.Begin();
        var name = transaction.Scalar<string?>("DELETE FROM passkeys WHERE user_id = @userId AND id = @id RETURNING name", new { userId, id });
        transaction.Commit();
        return name;
    }

    /// <summary>A new passkey; or the counter and the flags of a known one, which was used.</summary>
    public Task AddOrUpdatePasskeyAsync(PasskeyUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        using var transaction = database.Begin();
        var known = transaction.Execute(
            "UPDATE passkeys SET sign_count = @SignCount, user_verified = @IsUserVerified, backed_up = @IsBackedUp, last_used_at = @now WHERE credential_id = @CredentialId AND user_id = @UserId",
            new { SignCount = (long)passkey.SignCount, passkey.IsUserVerified, passkey.IsBackedUp, now = time.GetUtcNow(), passkey.CredentialId, UserId = Number(user.Id) });
        if (known == 0)
        {
            transaction.Execute(
                "INSERT INTO passkeys(team_id, user_id, credential_id, public_key, name, sign_count, transports, user_verified, backup_eligible, backed_up, created_at) "
                + "SELECT team_id, id, @CredentialId, @PublicKey, @name, @SignCount, @transports, @IsUserVerified, @IsBackupEligible, @IsBackedUp, @now FROM users WHERE id = @UserId",
                new
                {
                    passkey.CredentialId,
                    passkey.PublicKey,
                    name = passkey.Name ?? "passkey",
                    SignCount = (long)passkey.SignCount,
                    transports = string.Join(',', passkey.Transports ?? []),
                    passkey.IsUserVerified,
                    passkey.IsBackupEligible,
                    passkey.IsBackedUp,
                    now = time.GetUtcNow(),
                    UserId = Number(user.Id),
                });
        }

        transaction.Commit();
        return Task.CompletedTask;
    }

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyUser user, CancellationToken cancellationToken) =>
        Task.FromResult<IList<UserPasskeyInfo>>([.. List(Number(user.Id)).Select(row => row.ToInfo())]);

    public Task<PasskeyUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(Find("id = (SELECT user_id FROM passkeys WHERE credential_id = @credentialId)", new { credentialId }));

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PasskeyUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(List(Number(user.Id)).FirstOrDefault(row => row.CredentialId.AsSpan().SequenceEqual(credentialId))?.ToInfo());

    public Task RemovePasskeyAsync(PasskeyUser user, byte[] credentialId, CancellationToken cancellationToken)
    {
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM passkeys WHERE user_id = @id AND credential_id = @credentialId", new { id = Number(user.Id), credentialId });
        transaction.Commit();
        return Task.CompletedTask;
    }

    public Task<PasskeyUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Task.FromResult(long.TryParse(userId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Find("id = @id", new { id }) : null);

    public Task<PasskeyUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        Task.FromResult(Find("name = @normalizedUserName", new { normalizedUserName }));

    public Task<string> GetUserIdAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<string?> GetNormalizedUserNameAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task SetUserNameAsync(PasskeyUser user, string? userName, CancellationToken cancellationToken) => throw ReadOnly();

    public Task SetNormalizedUserNameAsync(PasskeyUser user, string? normalizedName, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> CreateAsync(PasskeyUser user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> UpdateAsync(PasskeyUser user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> DeleteAsync(PasskeyUser user, CancellationToken cancellationToken) => throw ReadOnly();

    public void Dispose()
    {
    }

    private static InvalidOperationException ReadOnly() => new("Users are made and changed by AccountStore.");

    private static long Number(string id) => long.Parse(id, CultureInfo.InvariantCulture);

    private PasskeyUser? Find(string where, object parameters)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<(long Id, string Name)?>($"SELECT id, name FROM users WHERE {where}", parameters) is { } row
            ? new PasskeyUser(row.Id.ToString(CultureInfo.InvariantCulture), row.Name)
            : null;
    }
}

/// <summary>One passkey as the database has it.</summary>
internal sealed class PasskeyRow
{
    public long Id { get; init; }

    public byte[] CredentialId { get; init; } = [];

    public byte[] PublicKey { get; init; } = [];

    public string Name { get; init; } = "";

    public long SignCount { get; init; }

    public string Transports { get; init; } = "";

    public bool UserVerified { get; init; }

    public bool BackupEligible { get; init; }

    public bool BackedUp { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: not used yet.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Without the attestation, which is asked from no authenticator and kept nowhere.</summary>
    public UserPasskeyInfo ToInfo() => new(
        CredentialId, PublicKey, CreatedAt, (uint)SignCount, Transports.Split(',', StringSplitOptions.RemoveEmptyEntries), UserVerified, BackupEligible, BackedUp, [], [])
    {
        Name = Name,
    };
}

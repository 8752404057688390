namespace Paas.Git;

public sealed class HookRequestTests
{
    private const string Old = "1111111111111111111111111111111111111111";
    private const string New = "2222222222222222222222222222222222222222";

    [Fact]
    public void Push_quarantine_and_refs_are_read_and_other_variables_are_not()
    {
        var request = HookRequest.Parse($"PAAS_PUSH=abc\nGIT_OBJECT_DIRECTORY=/a=b\nGIT_SSH_COMMAND=evil\n\n{Old} {New} refs/heads/main\n{New} {RefUpdate.None} refs/tags/v1\n");
        Assert.Equal("abc", request.Push);
        Assert.Equal("/a=b", Assert.Single(request.Quarantine).Value);
        Assert.Equal([new(Old, New, "refs/heads/main"), new(New, RefUpdate.None, "refs/tags/v1")], request.Refs);
        Assert.Equal(["main", null], request.Refs.Select(update => update.Branch));
        Assert.True(request.Refs[1].IsDelete);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("PAAS_PUSH=a\n\nnonsense\n")]
    [InlineData("PAAS_PUSH=a\nPAAS_PUSH=b\n\n")]
    [InlineData("PAAS_PUSH=a\nGIT_QUARANTINE_PATH\n\n")]
    [InlineData($"PAAS_PUSH=a\n\n{Old} --output=x refs/heads/main\n")]
    [InlineData($"PAAS_PUSH=a\n\n{Old} {New} main\n")]
    [InlineData($"PAAS_PUSH=a\n\n{Old} {New} refs/heads/a b\n")]
    public void Anything_else_is_refused(string text) => Assert.Throws<InvalidDataException>(() => HookRequest.Parse(text));
}

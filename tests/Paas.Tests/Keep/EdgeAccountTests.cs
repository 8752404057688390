namespace Paas.Keep;

public sealed class EdgeAccountTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/bash\npaas-edgy:x:5:6::/:/bin/false\npaas-edge:x:998:997::/nonexistent:/usr/sbin/nologin\n";

    [Fact]
    public void Ids_are_those_of_the_exact_name()
    {
        Assert.Equal(new EdgeAccount(998, 997), EdgeAccount.Parse(Passwd, "paas-edge"));
        Assert.Null(EdgeAccount.Parse(Passwd, "paas"));
    }
}

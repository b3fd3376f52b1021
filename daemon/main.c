/* main.c - arguments, settings, run, exit code. */
int main(void)
{
    return 2;
}

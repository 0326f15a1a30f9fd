// Guard
#ifndef LIST_H
#define LIST_H /* here */
/*
int gone;
*/
int size(void);
#endif
